// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/decision.hpp"

#include <tuple>

#include "daemon/schedule/candidates.hpp"
#include "daemon/schedule/earliest.hpp"
#include "daemon/schedule/group_queue.hpp"
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

namespace {

struct Choice {
    QueueHead job;
    IdleDevice device;
};

/// The best single job and its device. Devices that are kept for a group only take what goes before it.
std::optional<Choice> choose(Database& db, SharingView& view, const GroupDecision& groups) {
    auto special = view.special_devices();
    special.insert(groups.kept.begin(), groups.kept.end());
    const auto devices = idle_devices(db, view.device_type(), special);
    std::optional<Choice> chosen;
    if (devices.empty()) return chosen;
    Candidates candidates{db, view};
    for (const auto& device : devices) {
        const auto best = best_for(device.tag_set, candidates.of(device.hostname));
        if (!best || (groups.kept.contains(device.hostname) && goes_before(groups.keeper->head, *best))) continue;
        if (chosen && !goes_before(*best, chosen->job) &&
            (best->job != chosen->job.job || rank(chosen->device, best->job, view) <= rank(device, best->job, view)))
            continue;
        chosen = Choice{*best, device};
    }
    return chosen;
}

}  // namespace

std::vector<LeaseRow> claim_next(Database& db, const std::string& device_type, WallTime now,
                                 const SharingRules& rules) {
    if (!is_displayed(db, device_type)) return {};
    SharingView view{db, rules, device_type, now};
    GroupQueue queue{db, rules, now};
    auto groups = queue.waiting(device_type);
    const auto decision = queue.decide(groups);
    const auto single = choose(db, view, decision);
    if (decision.ready && (!single || goes_before(decision.ready->group->head, single->job)))
        return queue.begin(*decision.ready, device_type);
    if (!single) return {};
    return {begin_job(db, single->job.job, single->device.hostname, now)};
}

LeaseRow begin_job(Database& db, JobId job, const std::string& hostname, WallTime now) {
    Reservations{db}.taken(hostname, job);
    Reservations{db}.touch(hostname, now);
    return lease_device(db, job, hostname, now);
}

LeaseRow lease_device(Database& db, JobId job, const std::string& hostname, WallTime now) {
    // The device first, as the events of LAVA tell it.
    if (!Devices{db}.reserve(hostname, job) || !Jobs{db}.schedule(job, hostname))
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
    for (const auto& job : view.of_one_device()) keep_earliest(earliest, view.clock_changes(job.head.submitter));
    for (const auto& group : GroupQueue{db, rules, now}.waiting(device_type))
        keep_earliest(earliest, view.clock_changes(group.head.submitter));
    return earliest;
}

}  // namespace patchbay
