// SPDX-License-Identifier: Apache-2.0
#pragma once
// Why does a job wait? For each device that it does not have, the reason; found by what decides.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/sharing/refusal.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/viewer.hpp"

namespace patchbay {

struct DeviceAnswer {
    std::string device;
    std::optional<Refusal> refusal;  ///< nullopt: nothing is in the way, it takes the job next
    std::optional<JobId> job;        ///< that it runs, or takes first
};

/// Another job of the same multinode group.
struct PartAnswer {
    JobId job;
    std::string sub_id, role, device_type;
    bool has_device = false;  ///< one is free for it now, beside those for the others
};

struct WaitingReasons {
    std::string rule;                   ///< of the submitter; empty: nothing limits them
    std::optional<Refusal> always;      ///< what keeps the job from every device, whatever is free
    std::vector<DeviceAnswer> devices;  ///< of the type, by name, without Retired ones; 500 at most
    std::int64_t left_out = 0;          ///< more of them
    std::vector<PartAnswer> group;      ///< all jobs of its multinode group, this one too; empty: it has none
};

/// `job`: a queued (Submitted) one. Devices that `viewer` does not see are left out, other jobs are not named.
WaitingReasons why_waits(Database& db, const JobRow& job, WallTime now, const SharingRules& rules,
                         const Viewer& viewer);

}  // namespace patchbay
