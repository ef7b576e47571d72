// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who looks, and what is there to see for them (lava_scheduler_app/managers.py).

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "daemon/store/bound_filter.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

using NameSet = std::set<std::string, std::less<>>;

/// A plain value: what it says holds for one request, on whatever thread. Superusers see everything; nobody in
/// particular sees what is hidden from nobody.
struct Viewer {
    std::optional<UserId> user;
    bool superuser = false;
    bool all_jobs = false;                        ///< has lava_scheduler_app.view_testjob
    std::vector<std::int64_t> viewing_sets = {};  ///< of jobs that are shown to groups: the sets that they are all in
    NameSet hidden_devices = {}, hidden_types = {};

    bool sees_device(const std::string& hostname) const { return !hidden_devices.contains(hostname); }
    bool sees_type(const std::string& type) const { return !hidden_types.contains(type); }
    bool sees_all_devices() const { return hidden_devices.empty() && hidden_types.empty(); }
    bool sees_all_jobs() const { return superuser || all_jobs; }
};

/// Asks the store; nullopt is nobody in particular.
Viewer viewer_of(Database& db, const std::optional<UserRow>& user);

/// What decides about one job.
struct JobSight {
    std::int64_t visibility = 0;  ///< id of a viewing set
    UserId submitter;
    std::optional<std::string> device, device_type;
};
bool may_see(const Viewer& viewer, const JobSight& job);

/// Adds the same for all jobs to a filter over job, or over job_counter under its name if `sees_all_devices`.
void add_visible_jobs(BoundFilter& bound, const Viewer& viewer);
/// Hides devices, and device types, from a list: `column` is their name.
void add_visible(BoundFilter& bound, const NameSet& hidden, const std::string& column);

}  // namespace patchbay
