// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is logged and reported of a job that no runner could end: each finished job has a lava/job case, because clients
// look for it (LAVA itself writes none for a job that was cancelled in the queue).

#include <string>
#include <vector>

#include "core/config/value.hpp"
#include "daemon/store/database.hpp"

namespace patchbay {

/// Log records; the verdict is one, too, and makes the lava/job case.
struct OwnEnding {
    std::vector<std::string> lines;
    std::string verdict;
};
/// `error_type`: LAVA's word. Pure.
OwnEnding own_ending(const std::string& error_type, const std::string& message, WallTime now);

/// A result of ours: a line of the log and a case. `result` as jobs/results/record.hpp makes it. Throws: StoreError.
void store_result(Database& db, JobId job, const config::Map& result, WallTime now);

/// Appends it to the job's log and results. Throws: StoreError.
void store_own_ending(Database& db, JobId job, const std::string& error_type, const std::string& message, WallTime now);

}  // namespace patchbay
