// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/deadline.hpp"
#include "core/task.hpp"
#include "jobs/overlay/overlay_tree.hpp"

namespace patchbay {

struct JobContext;

/// May this process mount? If not, `errors` says so, and what a job can do instead.
void check_can_mount(std::vector<std::string>& errors);

/// Mounts "host:/path", puts the tree into it, unmounts it: also when the job is stopped meanwhile.
/// Throws: InfrastructureError, JobError.
Task<> write_into_persistent_nfs(JobContext& job, std::shared_ptr<const OverlayTree> tree, std::string address,
                                 Deadline deadline);

}  // namespace patchbay
