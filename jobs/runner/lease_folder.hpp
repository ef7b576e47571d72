// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the daemon put into a lease's folder (docs/lease-folder.md).

#include <filesystem>
#include <optional>
#include <string>

#include "core/ids.hpp"
#include "devices/description.hpp"
#include "jobs/actions/settings.hpp"
#include "jobs/runner/session_plan.hpp"

namespace patchbay {

struct LeaseFolder {
    std::filesystem::path path;
    LeaseId lease;
    JobId job;
    Fence fence;
    std::string display_id;
    std::string device;
    std::int64_t first_log_line = 0;  ///< earlier attempts of the job have left so many
    DeviceDescription description;
    RunnerSettings settings;
    std::optional<SessionPlan> session;  ///< a person's lease: there is no job to run
};

/// All but job.yaml, which the safe state does not need.
/// Throws: InfrastructureError (a file is missing), ConfigurationError (its content is wrong).
LeaseFolder read_lease_folder(const std::filesystem::path& folder);

/// Marks the processes of this lease. Two daemons on one host may have a lease of the same number: the folder's path
/// tells them apart.
std::string scope_token(const LeaseFolder& lease);

}  // namespace patchbay
