// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/queue.hpp"

#include "daemon/store/workers.hpp"

namespace patchbay {

// The conditions on `state`, `target_group` and `requested_device` are written out: only so do the partial indexes
// job_queue and job_device_queue apply.

std::vector<UserId> Queue::submitters() {
    constexpr auto next = R"sql(
        SELECT submitter_id FROM job
        WHERE state = 0 AND target_group = '' AND requested_device = '' AND requested_device_type = $1
            AND submitter_id > $2
        ORDER BY submitter_id LIMIT 1
    )sql";
    std::vector<UserId> submitters;
    UserId last;
    for (auto row = db_.run(next, device_type_, last); row->step();) {
        last.value = row->integer(0);
        submitters.push_back(last);
        row.reset();
        row = db_.run(next, device_type_, last);
    }
    return submitters;
}

std::vector<std::string> Queue::tag_sets(UserId submitter) {
    constexpr auto first = R"sql(
        SELECT tag_set FROM job
        WHERE state = 0 AND target_group = '' AND requested_device = '' AND requested_device_type = $1
            AND submitter_id = $2
        ORDER BY tag_set LIMIT 1
    )sql";
    constexpr auto next = R"sql(
        SELECT tag_set FROM job
        WHERE state = 0 AND target_group = '' AND requested_device = '' AND requested_device_type = $1
            AND submitter_id = $2 AND tag_set > $3
        ORDER BY tag_set LIMIT 1
    )sql";
    std::vector<std::string> sets;
    for (auto row = db_.run(first, device_type_, submitter); row->step();) {
        sets.emplace_back(row->text(0));
        row.reset();
        row = db_.run(next, device_type_, submitter, sets.back());
    }
    return sets;
}

std::optional<QueueHead> Queue::head(UserId submitter, const std::string& tag_set,
                                     std::optional<std::chrono::seconds> left) {
    const auto [known, is_new] = heads_.try_emplace({submitter, tag_set, left});
    if (!is_new) return known->second;
    for (auto row = db_.run(head_sql, device_type_, submitter, tag_set); row->step();) {
        std::optional<std::chrono::seconds> run_limit;
        if (const auto seconds = maybe_integer(*row, 3)) run_limit = std::chrono::seconds{*seconds};
        if (!fits(run_limit, left)) continue;
        known->second = QueueHead{tag_set, JobId{row->integer(0)}, static_cast<int>(row->integer(1)),
                                  time_of(row->integer(2)), submitter};
        break;
    }
    return known->second;
}

std::vector<OneDeviceJob> Queue::of_one_device() {
    constexpr auto sql = R"sql(
        SELECT id, priority, submit_time, run_limit, submitter_id, tag_set, requested_device FROM job
        WHERE state = 0 AND target_group = '' AND requested_device <> '' AND requested_device_type = $1
        ORDER BY priority DESC, submit_time, id LIMIT 4096
    )sql";
    std::vector<OneDeviceJob> all;
    for (auto row = db_.run(sql, device_type_); row->step();) {
        OneDeviceJob one;
        one.head = QueueHead{std::string{row->text(5)}, JobId{row->integer(0)}, static_cast<int>(row->integer(1)),
                             time_of(row->integer(2)), UserId{row->integer(4)}};
        if (const auto seconds = maybe_integer(*row, 3)) one.run_limit = std::chrono::seconds{*seconds};
        one.device = row->text(6);
        all.push_back(std::move(one));
    }
    return all;
}

bool is_displayed(Database& db, const std::string& device_type) {
    auto row = db.run("SELECT display FROM device_type WHERE name = $1", device_type);
    return row->step() && row->integer(0) != 0;
}

Refusal not_displayed(const std::string& device_type) {
    return {
        Hindrance::not_displayed, "devices of type '" + device_type + "', which is not displayed, take no jobs", {}};
}

const std::string& idle_condition() {
    static const auto sql = "state = 0 AND health <= 1 AND worker_host IN (" + std::string{usable_workers_sql} + ")";
    return sql;
}

const std::string& from_idle_devices() {
    // The index is named: SQLite would take one by health, and read all devices of the type each time.
    static const auto sql = " FROM device INDEXED BY device_idle WHERE " + idle_condition() + " AND device_type = $1 ";
    return sql;
}

std::vector<IdleDevice> idle_devices(Database& db, const std::string& device_type, const std::set<std::string>& special,
                                     std::int64_t each) {
    static const auto tag_sets = "SELECT tag_set" + from_idle_devices();
    static const auto first = tag_sets + "ORDER BY tag_set LIMIT 1";
    static const auto next = tag_sets + "AND tag_set > $2 ORDER BY tag_set LIMIT 1";
    static const auto of_set = "SELECT hostname, worker_host" + from_idle_devices() +
                               "AND tag_set = $2 ORDER BY last_fence, hostname LIMIT $3";
    static const auto by_name =
        "SELECT tag_set, worker_host FROM device WHERE hostname = $1 AND device_type = $2 AND " + idle_condition();
    std::vector<IdleDevice> devices;
    for (const auto& hostname : special) {
        auto row = db.run(by_name, hostname, device_type);
        if (row->step()) devices.push_back({hostname, std::string{row->text(0)}, std::string{row->text(1)}});
    }
    const auto enough = static_cast<std::int64_t>(special.size()) + each;
    std::string tag_set;
    for (auto set = db.run(first, device_type); set->step();) {
        tag_set = set->text(0);
        std::int64_t found = 0;
        for (auto row = db.run(of_set, device_type, tag_set, enough); found < each && row->step();) {
            if (special.contains(std::string{row->text(0)})) continue;
            devices.push_back({std::string{row->text(0)}, tag_set, std::string{row->text(1)}});
            ++found;
        }
        set.reset();
        set = db.run(next, device_type, tag_set);
    }
    return devices;
}

}  // namespace patchbay
