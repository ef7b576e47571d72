// SPDX-License-Identifier: Apache-2.0
#pragma once
// Passwords serve one thing: a client gets a token for one. What is stored of them is their scrypt with a salt, which
// takes some 50 ms and 16 MiB to compute: hash and compare on a worker.

#include <optional>
#include <string>
#include <string_view>

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// Throws: JobError, it has less than 8 or more than 1000 bytes.
std::string hash_password(std::string_view password);
/// nullopt is nobody's, and takes as long.
bool is_password(std::string_view password, const std::optional<std::string>& hash);

class Passwords {
public:
    explicit Passwords(Database& db) : db_{db} {}

    void set(UserId user, const std::string& hash);
    /// False: had none.
    bool remove(UserId user);
    /// The user who has this name and password and may log in. How long it takes does not tell who exists.
    std::optional<UserRow> find_user(const std::string& name, std::string_view password);

private:
    Database& db_;
};

}  // namespace patchbay
