// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/decision.hpp"

#include <tuple>

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

std::vector<QueueHead> queue_heads(Database& db, const std::string& device_type) {
    // `state = 0` is written out: only so does the partial index job_queue apply.
    constexpr auto first_set = R"sql(
        SELECT tag_set FROM job WHERE state = 0 AND requested_device_type = $1 ORDER BY tag_set LIMIT 1
    )sql";
    constexpr auto next_set = R"sql(
        SELECT tag_set FROM job WHERE state = 0 AND requested_device_type = $1 AND tag_set > $2 ORDER BY tag_set LIMIT 1
    )sql";
    constexpr auto best_of_set = R"sql(
        SELECT id, priority, submit_time FROM job WHERE state = 0 AND requested_device_type = $1 AND tag_set = $2
        ORDER BY priority DESC, submit_time, id LIMIT 1
    )sql";
    std::vector<QueueHead> heads;
    auto set = db.run(first_set, device_type);
    while (set->step()) {
        QueueHead head;
        head.tag_set = set->text(0);
        auto best = db.run(best_of_set, device_type, head.tag_set);
        best->step();
        head.job.value = best->integer(0);
        head.priority = static_cast<int>(best->integer(1));
        head.submit_time = time_of(best->integer(2));
        set.reset();
        set = db.run(next_set, device_type, head.tag_set);
        heads.push_back(std::move(head));
    }
    return heads;
}

std::vector<IdleDevice> idle_devices(Database& db, const std::string& device_type) {
    static const auto idle =
        "SELECT hostname, tag_set FROM device WHERE state = 0 AND health <= 1 AND worker_host IN (" +
        std::string{usable_workers_sql} + ") AND device_type = $1 ";
    static const auto first = idle + "ORDER BY tag_set, last_fence, hostname LIMIT 1";
    static const auto next = idle + "AND tag_set > $2 ORDER BY tag_set, last_fence, hostname LIMIT 1";
    std::vector<IdleDevice> devices;
    auto row = db.run(first, device_type);
    while (row->step()) {
        devices.push_back({std::string{row->text(0)}, std::string{row->text(1)}});
        row.reset();
        row = db.run(next, device_type, devices.back().tag_set);
    }
    return devices;
}

namespace {

/// As in LAVA: a type that is not displayed is not scheduled.
bool is_displayed(Database& db, const std::string& device_type) {
    auto row = db.run("SELECT display FROM device_type WHERE name = $1", device_type);
    return row->step() && row->integer(0) != 0;
}

}  // namespace

std::optional<LeaseRow> claim_next(Database& db, const std::string& device_type, WallTime now) {
    if (!is_displayed(db, device_type)) return std::nullopt;
    const auto devices = idle_devices(db, device_type);
    if (devices.empty()) return std::nullopt;
    const auto heads = queue_heads(db, device_type);
    const IdleDevice* taker = nullptr;
    std::optional<QueueHead> chosen;
    for (const auto& device : devices) {
        const auto best = best_for(device.tag_set, heads);
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

}  // namespace patchbay
