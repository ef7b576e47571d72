// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/decision.hpp"

#include <tuple>

#include "daemon/schedule/candidates.hpp"
#include "daemon/schedule/earliest.hpp"
#include "daemon/schedule/preemption.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/rights.hpp"
#include "daemon/store/tag_set.hpp"
#include "daemon/store/workers.hpp"

namespace patchbay {
namespace {

/// Of several devices that may run a job the lowest takes it: the one that is kept for it, for its submitter, for
/// nobody, for another job of its submitter; of these the one with the fewest tags, as a job that needs the others' can
/// come next.
std::pair<int, std::size_t> rank(const IdleDevice& device, JobId job, const SharingView& view) {
    int kept = 2;
    if (const auto found = view.reservations().find(device.hostname); found != view.reservations().end()) {
        const auto& reservation = found->second;
        kept = !reservation.job ? 1 : reservation.job == job ? 0 : 3;
    }
    return {kept, device.tag_set.size()};
}

}  // namespace

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
        if (chosen && !goes_before(*best, *chosen) &&
            (best->job != chosen->job || rank(*taker, best->job, view) <= rank(device, best->job, view)))
            continue;
        taker = &device;
        chosen = best;
    }
    if (!chosen) return std::nullopt;
    Reservations{db}.taken(taker->hostname, chosen->job);
    Reservations{db}.touch(taker->hostname, now);
    return lease_device(db, chosen->job, taker->hostname, now);
}

LeaseRow lease_device(Database& db, JobId job, const std::string& hostname, WallTime now) {
    if (!Jobs{db}.schedule(job, hostname) || !Devices{db}.reserve(hostname, job))
        throw StoreError{"job " + std::to_string(job.value) + ": was taken while it was being scheduled"};
    return Leases{db}.insert(job, hostname, now);
}

std::optional<WallTime> next_chance(Database& db, const std::string& device_type, WallTime now,
                                    const SharingRules& rules) {
    SharingView view{db, rules, device_type, now};
    std::optional<WallTime> earliest = next_stop(db, view, now, rules);
    for (const auto& [device, reservation] : view.reservations()) keep_earliest(earliest, reservation.ends());
    if (rules.empty()) return earliest;
    for (const auto submitter : Queue{db, device_type}.submitters())
        keep_earliest(earliest, view.clock_changes(submitter));
    return earliest;
}

}  // namespace patchbay
