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

/// Is it "host:/path"?
bool is_nfs_address(const std::string& address);
/// May this process mount? If not, `errors` says so, and what a job can do instead.
void check_can_mount(std::vector<std::string>& errors);

/// May the lab's jobs reach this server at all? Throws: JobError naming what the lab allows.
Task<> check_nfs_server(const JobContext& job, std::string address);

/// Mounts "host:/path", puts the tree into it, unmounts it: also when the job is stopped meanwhile.
/// Throws: InfrastructureError, JobError.
Task<> write_into_persistent_nfs(JobContext& job, std::shared_ptr<const OverlayTree> tree, std::string address,
                                 Deadline deadline);

}  // namespace patchbay
