// SPDX-License-Identifier: Apache-2.0
#pragma once
// Jobs of other LAVA servers that run here, and what those servers know about them already.

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"

namespace patchbay {

using AttachedJobId = Id<struct AttachedJobTag>;

struct AttachedJobRow {
    AttachedJobId id;
    std::string attachment;   ///< name in the configuration
    std::int64_t remote = 0;  ///< its number at the server
    std::string token;        ///< of the job at the server; "" once it has ended
    JobId job;                ///< ours
    bool running_told = false;
    std::int64_t lines_sent = 0;    ///< lines of our log that the server has
    std::optional<WallTime> ended;  ///< when the server had taken the end, or knew the job no more
};

/// Through one connection. Reading functions work on any; writing ones inside Store::write.
class AttachedJobs {
public:
    explicit AttachedJobs(Database& db) : db_{db} {}

    /// Throws: StoreError, it is there.
    AttachedJobId add(const std::string& attachment, std::int64_t remote, const std::string& token, JobId job);

    std::optional<AttachedJobRow> find(AttachedJobId id);
    /// A job of the server with another token is another one: it may have begun to count anew.
    std::optional<AttachedJobRow> find(const std::string& attachment, std::int64_t remote, const std::string& token);
    /// Those whose end is not reported, oldest first; of one attachment, or of all.
    std::vector<AttachedJobRow> open(const std::optional<std::string>& attachment = {});

    /// The server gave the same job another token.
    void set_token(AttachedJobId id, const std::string& token);
    void set_running_told(AttachedJobId id);
    void set_lines_sent(AttachedJobId id, std::int64_t lines);
    /// The server has taken the end, or does not want it. Its token is forgotten.
    void end(AttachedJobId id, WallTime now);
    /// The server has forgotten what it was told: from the beginning.
    void reopen(AttachedJobId id, const std::string& token);

private:
    Database& db_;
};

}  // namespace patchbay
