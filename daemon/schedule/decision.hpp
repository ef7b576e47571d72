// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which job does an idle device take? Values in, values out.

#include <optional>
#include <string>
#include <vector>

#include "daemon/schedule/queue.hpp"
#include "daemon/sharing/rules.hpp"

namespace patchbay {

/// Priority descending, then submit time, then id (lava_scheduler_app/scheduler.py).
bool goes_before(const QueueHead& a, const QueueHead& b);
/// The best of `heads` that a device with these tags may run; nullopt when there is none.
std::optional<QueueHead> best_for(std::string_view device_tags, const std::vector<QueueHead>& heads);

/// Takes what comes next for devices of the type, in the caller's transaction: the best single job with its device, or
/// the best multinode group with all of its devices, or a health check on a device that such a group would have taken.
/// Jobs Scheduled, devices Reserved, leases made. Empty when nothing fits. Call it again until then.
std::vector<LeaseRow> claim_next(Database& db, const std::string& device_type, WallTime now,
                                 const SharingRules& rules = {});

/// When time alone may let a queued job of the type begin; nullopt: only if something else happens.
std::optional<WallTime> next_chance(Database& db, const std::string& device_type, WallTime now,
                                    const SharingRules& rules);
/// lease_device(), and what the device's reservations become.
LeaseRow begin_job(Database& db, JobId job, const std::string& hostname, WallTime now);
/// Gives the idle device to the queued job. Throws: StoreError, one of them is not that any more.
LeaseRow lease_device(Database& db, JobId job, const std::string& hostname, WallTime now);

}  // namespace patchbay
