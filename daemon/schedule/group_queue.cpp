// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/group_queue.hpp"

#include <algorithm>
#include <set>

#include "daemon/schedule/decision.hpp"
#include "daemon/schedule/health_check.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/multinode_groups.hpp"
#include "daemon/store/workers.hpp"
#include "jobs/definition/multinode.hpp"

namespace patchbay {
namespace {

constexpr std::int64_t all_devices = 1'000'000;

/// How many parts want a device of each type.
std::map<std::string, std::int64_t> wanted_by(const WaitingGroup& group) {
    std::map<std::string, std::int64_t> wanted;
    for (const auto& part : group.parts) ++wanted[part.device_type];
    return wanted;
}

/// Devices that are reserved for somebody first, as nobody else can use them, but those of one job last.
int rank(const FreeDevice& device, const SharingView& view) {
    const auto found = view.reservations().find(device.hostname);
    return found == view.reservations().end() ? 1 : found->second.job ? 2 : 0;
}

}  // namespace

SharingView& GroupQueue::view(const std::string& device_type) {
    return views_.try_emplace(device_type, db_, rules_, device_type, now_).first->second;
}

std::optional<WaitingGroup> GroupQueue::find(const std::string& target_group) {
    constexpr auto sql = R"sql(
        SELECT id, priority, submit_time, requested_device_type, tag_set, submitter_id, run_limit, requested_device,
            requested_worker, state
        FROM job
        WHERE target_group = $1 AND target_group <> '' ORDER BY id
    )sql";
    WaitingGroup group;
    for (auto row = db_.run(sql, target_group); row->step();) {
        // Nothing may part a group; should it happen, what is left of it does not begin.
        if (static_cast<JobState>(row->integer(9)) != JobState::submitted) return std::nullopt;
        const JobId job{row->integer(0)};
        if (group.parts.empty())
            group.head = {"", job, static_cast<int>(row->integer(1)), time_of(row->integer(2)),
                          UserId{row->integer(5)}};
        WaitingPart part{job, std::string{row->text(3)}, std::string{row->text(4)}, {}, {}};
        if (const auto seconds = maybe_integer(*row, 6)) part.run_limit = std::chrono::seconds{*seconds};
        part.only_device = row->text(7);
        part.only_worker = row->text(8);
        group.parts.push_back(std::move(part));
    }
    if (group.parts.empty()) return std::nullopt;
    return group;
}

std::vector<WaitingGroup> GroupQueue::waiting(const std::string& device_type) {
    // The conditions are written out: only so does the partial index job_group_queue apply.
    constexpr auto sql = R"sql(
        SELECT target_group FROM job WHERE state = 0 AND target_group <> '' AND requested_device_type = $1
        ORDER BY priority DESC, submit_time, id
    )sql";
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (auto row = db_.run(sql, device_type); names.size() < groups_looked_at && row->step();) {
        std::string name{row->text(0)};
        if (seen.insert(name).second) names.push_back(std::move(name));
    }
    std::vector<WaitingGroup> groups;
    for (const auto& name : names)
        if (auto group = find(name)) groups.push_back(std::move(*group));
    return groups;
}

std::optional<Refusal> GroupQueue::refused(const WaitingGroup& group) {
    const auto others = static_cast<std::int64_t>(group.parts.size()) - 1;
    for (const auto& [type, wanted] : wanted_by(group)) {
        if (!is_displayed(db_, type)) return not_displayed(type);
        auto refusal = view(type).refused(group.head.submitter, {others, wanted - 1});
        if (!refusal) continue;
        if (others > 0) refusal->text = "with the other jobs of the group, " + refusal->text;
        return refusal;
    }
    return std::nullopt;
}

std::vector<FreeDevice> GroupQueue::free_devices(const std::vector<WaitingGroup>& groups) {
    // More of one kind no decision can use. Twice, as one group may keep some.
    std::map<std::string, std::int64_t> most;
    for (const auto& group : groups)
        for (const auto& [type, count] : wanted_by(group)) most[type] = std::max(most[type], 2 * count);
    // Their runners are LAVA's, which do not speak to the coordinator here.
    const auto remote = Workers{db_}.remote();
    std::vector<std::pair<int, FreeDevice>> ranked;
    for (const auto& [type, wanted] : most) {
        auto special = view(type).special_devices();
        auto each = remote.empty() ? wanted : all_devices;  // the first ones may be of a remote worker
        for (const auto& group : groups) {
            for (const auto& part : group.parts) {
                if (part.device_type != type) continue;
                if (!part.only_device.empty()) special.insert(part.only_device);
                if (!part.only_worker.empty()) each = all_devices;  // the first ones may be another worker's
            }
        }
        for (auto& idle : idle_devices(db_, type, special, each)) {
            if (remote.contains(idle.worker)) continue;
            FreeDevice device{std::move(idle.hostname), type, std::move(idle.tag_set), std::move(idle.worker)};
            ranked.emplace_back(rank(device, view(type)), std::move(device));
        }
    }
    // A part without wishes leaves the devices with tags to others.
    std::ranges::stable_sort(ranked, {}, [](const auto& one) {
        return std::pair{one.first, one.second.tag_set.size()};
    });
    std::vector<FreeDevice> devices;
    for (auto& [order, device] : ranked) devices.push_back(std::move(device));
    return devices;
}

void GroupQueue::close_devices(WaitingGroup& group, const std::vector<FreeDevice>& devices) {
    for (auto& part : group.parts) {
        auto& rules = view(part.device_type);
        for (const auto& device : devices) {
            if (device.device_type != part.device_type) continue;
            if (rules.kept_from(group.head.submitter, part.job, device.hostname) ||
                rules.refused(group.head.submitter, part.run_limit, device.hostname))
                part.closed.insert(device.hostname);
        }
    }
}

WorkerRoom GroupQueue::room() {
    constexpr auto sql = R"sql(
        SELECT worker.hostname, worker.job_limit -
            (SELECT COUNT(*) FROM device AS busy WHERE busy.worker_host = worker.hostname AND busy.state > 0)
        FROM worker WHERE worker.job_limit > 0
    )sql";
    WorkerRoom room;
    for (auto row = db_.run(sql); row->step();) room[std::string{row->text(0)}] = row->integer(1);
    return room;
}

GroupDecision GroupQueue::decide(std::vector<WaitingGroup>& groups) {
    std::erase_if(groups, [this](const WaitingGroup& group) { return refused(group).has_value(); });
    if (groups.empty()) return {};
    const auto devices = free_devices(groups);
    for (auto& group : groups) close_devices(group, devices);
    return decide_groups(groups, devices, now_, room());
}

std::vector<bool> GroupQueue::placed(WaitingGroup group) {
    const auto devices = free_devices({group});
    close_devices(group, devices);
    std::vector<bool> placed;
    for (const auto& place : match_parts(group.parts, devices)) placed.push_back(place.has_value());
    return placed;
}

std::vector<LeaseRow> GroupQueue::begin(const GroupDecision::Ready& ready, const std::string& device_type) {
    for (const auto& [type, wanted] : wanted_by(*ready.group)) {
        if (type == device_type) continue;
        if (auto check = claim_health_check(db_, type, now_)) return {std::move(*check)};
    }
    MultinodeGroups groups{db_};
    const auto& parts = ready.group->parts;
    std::map<JobId, std::string> roles;
    for (const auto& row : groups.parts(groups.group_of(ready.group->head.job))) roles[row.job] = row.role;
    std::vector<LeaseRow> leases;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        Jobs jobs{db_};
        if (const auto job = jobs.find(parts[i].job)) {
            auto masked = jobs.masked_texts(job->id).value_or(MaskedTexts{}).definition;
            if (masked) masked = with_roles(*masked, roles);
            groups.set_definition(job->id, with_roles(job->definition, roles), masked);
        }
        Reservations{db_}.taken(ready.devices[i], parts[i].job);
        Reservations{db_}.touch(ready.devices[i], now_);
        leases.push_back(lease_device(db_, parts[i].job, ready.devices[i], now_));
    }
    return leases;
}

}  // namespace patchbay
