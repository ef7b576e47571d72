// SPDX-License-Identifier: Apache-2.0
#pragma once
// Attempts that remote workers run: what each is told of, and what it shows when it comes with news.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

class WorkerLeases {
public:
    explicit WorkerLeases(Database& db) : db_{db} {}

    struct Attempt {
        LeaseId lease;
        JobId job;
        JobState state = JobState::scheduled;
        bool stopped = false;  ///< it shall end for others
    };
    /// Not closed, oldest first.
    std::vector<Attempt> of(const std::string& worker);

    /// The worker is told of the attempt, and will come with this token.
    void hand_out(LeaseId lease, std::string_view token);
    /// Was anybody ever told of it?
    bool is_handed_out(LeaseId lease);
    /// Not closed and never handed out: nobody works on them.
    std::vector<LeaseRow> unclaimed(const std::string& worker);
    /// The attempt of this job that the token is for, also when it is over. nullopt: the token is not of this job.
    std::optional<LeaseRow> find(JobId job, std::string_view token);

    /// So much of the worker's log is stored; see LeaseRow. Also of an attempt that is over.
    void set_position(LeaseId lease, std::int64_t lines, std::int64_t first_line);
    void set_pipeline(JobId job, const std::string& description);
    std::optional<std::string> pipeline(JobId job);

private:
    Database& db_;
};

}  // namespace patchbay
