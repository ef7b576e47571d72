// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/decision.hpp"

#include <algorithm>
#include <tuple>

#include "daemon/schedule/candidates.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/tag_set.hpp"
#include "daemon/store/workers.hpp"

namespace patchbay {
bool goes_before(const QueueHead& a, const QueueHead& b) {
    return std::tuple{-a.priority, a.submit_time, a.job} < std::tuple{-b.priority, b.submit_time, b.job};
}

std::optional<QueueHead> best_for(std::string_view device_tags, const std::vector<QueueHead>& heads) {
    const QueueHead* best = nullptr;
    for (const auto& head : heads) {
        if (!covers(device_tags, head.tag_set)) continue;
        if (!best || goes_before(head, *best)) best = &head;
    }
    if (!best) return std::nullopt;
    return *best;
}

std::optional<LeaseRow> claim_next(Database& db, const std::string& device_type, WallTime now,
                                   const SharingRules& rules) {
    if (!is_displayed(db, device_type)) return std::nullopt;
    SharingView view{db, rules, device_type, now};
    const auto devices = idle_devices(db, device_type, view.special_devices());
    if (devices.empty()) return std::nullopt;
    Candidates candidates{db, view};
    const IdleDevice* taker = nullptr;
    std::optional<QueueHead> chosen;
    for (const auto& device : devices) {
        const auto best = best_for(device.tag_set, candidates.of(device.hostname));
        if (!best) continue;
        // The best job first. Of several devices that may run it the one with the fewest tags takes it: a job that
        // needs the others' tags can come next.
        if (chosen && !goes_before(*best, *chosen) &&
            (best->job != chosen->job || taker->tag_set.size() <= device.tag_set.size()))
            continue;
        taker = &device;
        chosen = best;
    }
    if (!chosen) return std::nullopt;
    return lease_device(db, chosen->job, taker->hostname, now);
}

LeaseRow lease_device(Database& db, JobId job, const std::string& hostname, WallTime now) {
    if (!Jobs{db}.schedule(job, hostname) || !Devices{db}.reserve(hostname, job))
        throw StoreError{"job " + std::to_string(job.value) + ": was taken while it was being scheduled"};
    return Leases{db}.insert(job, hostname, now);
}

std::optional<WallTime> next_chance(Database& db, const std::string& device_type, WallTime now,
                                    const SharingRules& rules) {
    if (rules.empty()) return std::nullopt;
    SharingView view{db, rules, device_type, now};
    std::optional<WallTime> earliest;
    for (const auto submitter : Queue{db, device_type}.submitters()) {
        if (const auto change = view.clock_changes(submitter)) earliest = std::min(earliest.value_or(*change), *change);
    }
    return earliest;
}

}  // namespace patchbay
