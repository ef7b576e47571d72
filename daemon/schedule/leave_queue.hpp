// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daemon/store/database.hpp"

namespace patchbay {

/// Submitted -> Finished, Canceled: without a runner, so that its log, its lava/job case and what it wants to be told
/// are written here, in the caller's transaction. False: it is not queued. Throws: StoreError.
bool leave_queue(Database& db, JobId job, const std::string& reason, WallTime now);

/// The same with all other jobs of its multinode group, which could not begin without it; those that left.
std::vector<JobId> leave_queue_with_group(Database& db, JobId job, const std::string& reason, WallTime now);

}  // namespace patchbay
