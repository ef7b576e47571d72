// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a lab does not want to keep for ever, removed in pieces so small that no other write waits for them; and one job
// that somebody wants gone.

#include <vector>

#include "daemon/store/database.hpp"

namespace patchbay {

class OldJobs {
public:
    explicit OldJobs(Database& db) : db_{db} {}

    /// Jobs that ended before `limit` and about which nothing waits to be sent, oldest first. Walks them all: for a
    /// worker.
    std::vector<JobId> ended_before(WallTime limit);
    /// Those of them that have a log or artifacts, or what is left of them.
    std::vector<JobId> with_log_before(WallTime limit);

    /// Removes a piece of the job's log, then of its artifacts; from the first piece on readers are told that it was
    /// removed. False: that was the last one.
    bool remove_log_piece(JobId job, WallTime now);
    /// Removes a piece of all that there is of the job, its results and its log; from the first piece on nobody finds
    /// the job. False: it is gone.
    bool remove_piece(JobId job);
    /// Removes all that there is of a Finished job at once, with what waits to be sent about it; of a very long log
    /// other writes wait for that. False: there is no such job. Throws: JobError, it is not over, or the server that
    /// lent it to us has not heard of its end.
    bool remove(JobId job);

private:
    bool remove_chunks(JobId job);
    std::vector<JobId> jobs(std::string_view sql, WallTime limit);
    Database& db_;
};

}  // namespace patchbay
