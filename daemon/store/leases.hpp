// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// Every write about a lease names its fence; false means that the lease is no longer ours.
class Leases {
public:
    explicit Leases(Database& db) : db_{db} {}

    /// Fence: the last one of the device, plus one. Attempt: the last one of the job, plus one. `folder` is filled in
    /// by the caller afterwards (it contains the id).
    LeaseRow insert(JobId job, const std::string& device, WallTime now);
    bool set_folder(LeaseId lease, Fence fence, const std::string& folder);
    bool set_runner(LeaseId lease, Fence fence, std::int64_t pid, std::int64_t start);
    bool set_phase(LeaseId lease, Fence fence, LeaseRow::Phase phase);
    /// It shall stop for others. False also when that was said before.
    bool stop(LeaseId lease, Fence fence, const std::string& reason, bool requeue);
    bool set_offset(LeaseId lease, Fence fence, std::int64_t offset);
    bool close(LeaseId lease, Fence fence, WallTime now);

    std::optional<LeaseRow> find(LeaseId lease);
    /// Not closed, oldest first.
    std::vector<LeaseRow> open_leases();
    std::optional<LeaseRow> open_lease_of(JobId job);
    /// Every attempt of the job, oldest first.
    std::vector<LeaseRow> attempts(JobId job);

private:
    Database& db_;
};

}  // namespace patchbay
