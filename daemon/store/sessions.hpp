// SPDX-License-Identifier: Apache-2.0
#pragma once
// Leases of people. Each is a job without steps, so that the queue, its rules, its log and its end are those of jobs;
// what only people's leases have is here.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

struct SessionRow {
    JobId job;
    std::string note;                                  ///< why; may be empty
    std::chrono::seconds time{0};                      ///< that was asked for, with what it was extended by
    std::optional<std::chrono::seconds> idle_release;  ///< unused for so long it ends; nullopt: it does not
    std::optional<WallTime> ends;                      ///< nullopt: it has not begun
    std::string end_reason;                            ///< "released by alice"; empty: its time is over then
};

class Sessions {
public:
    explicit Sessions(Database& db) : db_{db} {}

    void insert(const SessionRow& session);
    /// nullopt: the job is an ordinary one.
    std::optional<SessionRow> find(JobId job);
    /// Its time counts from now, unless it did before. Nothing for an ordinary job.
    void begin(JobId job, WallTime now);
    /// `more` is added to a lease that has `time` until now. False: it has another time meanwhile, has not begun, is
    /// over, or was to end for a reason.
    bool extend(JobId job, std::chrono::seconds time, std::chrono::seconds more, WallTime now);
    /// It ends now, for this reason. False: it is over, or was to end for one.
    bool end(JobId job, const std::string& reason, WallTime now);
    /// Those whose job is not Finished, oldest first.
    std::vector<SessionRow> open();

private:
    Database& db_;
};

}  // namespace patchbay
