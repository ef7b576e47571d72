// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which job does an idle device take? Values in, values out.
//
// The queue of a device type is split by the set of wanted tags. Within one set only its best job matters, so a
// decision looks at one job for each set, however many are queued.

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// The best queued job of those that want exactly these tags.
struct QueueHead {
    std::string tag_set;
    JobId job;
    int priority = 50;
    WallTime submit_time{};
};

/// Priority descending, then submit time, then id (lava-server.md 4.5).
bool goes_before(const QueueHead& a, const QueueHead& b);
/// The best of `heads` that a device with these tags may run; nullopt when there is none.
std::optional<QueueHead> best_for(std::string_view device_tags, const std::vector<QueueHead>& heads);

/// One index seek for each set of tags in the queue of the type.
std::vector<QueueHead> queue_heads(Database& db, const std::string& device_type);
/// Idle, usable (Good or Unknown, on a usable worker) devices of the type, one for each set of tags: of equals the one
/// that had the fewest leases, so that boards wear evenly.
struct IdleDevice {
    std::string hostname;
    std::string tag_set;
};
std::vector<IdleDevice> idle_devices(Database& db, const std::string& device_type);

/// Takes the next job for one device of the type, in the caller's transaction: job Scheduled, device Reserved, lease
/// made. nullopt when nothing fits. Call it again until then.
std::optional<LeaseRow> claim_next(Database& db, const std::string& device_type, WallTime now);
/// Gives the idle device to the queued job. Throws: StoreError, one of them is not that any more.
LeaseRow lease_device(Database& db, JobId job, const std::string& hostname, WallTime now);

}  // namespace patchbay
