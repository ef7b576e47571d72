// SPDX-License-Identifier: Apache-2.0
#pragma once
// Secrets of other servers (a receiver of callbacks, a server of artifacts) by a name that jobs can say in public.
// Unlike the tokens of this lab they have to be sent, so that they are stored as they are: the store's file is for the
// daemon's user and group alone.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"

namespace patchbay {

class RemoteTokens {
public:
    explicit RemoteTokens(Database& db) : db_{db} {}

    /// Replaces one of the same name. Throws: JobError, the name is empty or over 100 bytes, the value is empty, over
    /// 4096 bytes or has a character that no header can carry.
    void set(UserId user, const std::string& name, const std::string& value, WallTime now);
    bool remove(UserId user, const std::string& name);
    std::optional<std::string> value(UserId user, const std::string& name);
    /// All of a user's, by name.
    std::map<std::string, std::string> values(UserId user);
    /// Sorted.
    std::vector<std::string> names(UserId user);

    struct Row {
        std::string user, name;
        WallTime created{};
    };
    /// Without the secrets; of one user, or all.
    std::vector<Row> list(std::optional<UserId> user = {});

private:
    Database& db_;
};

}  // namespace patchbay
