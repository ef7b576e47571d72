// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a worker says about an attempt, as rows: each function runs in the caller's transaction and may hear the same
// again, as an answer may be lost on its way.

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/workers/worker_line.hpp"

namespace patchbay {

/// Its runner has begun. False: that was known, or the attempt is over. Throws: StoreError.
bool begin_at_worker(Database& db, LeaseId id, WallTime now);

struct WorkerEnding {
    bool passed = false;
    std::string error_type;  ///< LAVA's word
    std::string errors;      ///< what the runner printed to its standard error
    std::string pipeline;    ///< YAML
};

enum class AttemptEnd {
    finished,
    queued_again,  ///< it was stopped for others
    was_over,
};
/// The job has its verdict and the device is Idle again. Throws: StoreError.
AttemptEnd end_at_worker(Database& db, LeaseId id, const WorkerEnding& ending, WallTime now);

/// Nobody could begin it, as this machine cannot make its files: it ends with that. Throws: StoreError.
void end_unbegun(Database& db, LeaseId id, const std::string& error_type, const std::string& message, WallTime now);

/// Stores lines of the worker's log, of which the first has number `index` there. Lines that are stored already are not
/// stored again; when the runner has been started anew, or lines are missing, the log says so. Of a log of more than
/// `log_limit` bytes only results are kept. Also after the end of the job. Throws: StoreError.
void take_lines(Database& db, LeaseId id, std::int64_t index, std::vector<WorkerLine> lines, std::int64_t log_limit,
                WallTime now);

}  // namespace patchbay
