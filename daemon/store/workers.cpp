// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/workers.hpp"

#include "daemon/store/bound_filter.hpp"
#include "daemon/store/devices.hpp"

namespace patchbay {
namespace {

constexpr auto columns =
    "SELECT worker.hostname, worker.health, worker.description, worker.job_limit, worker.remote, worker.state, "
    "worker.last_ping, worker.version, worker.token_hash FROM worker WHERE ";

WorkerRow read_worker(const Statement& row) {
    WorkerRow worker;
    worker.hostname = row.text(0);
    worker.health = static_cast<WorkerHealth>(row.integer(1));
    worker.description = row.text(2);
    worker.job_limit = static_cast<int>(row.integer(3));
    worker.remote = row.integer(4) != 0;
    worker.state = static_cast<WorkerState>(row.integer(5));
    worker.last_ping = maybe_time(row, 6);
    worker.version = row.text(7);
    worker.token_hash = row.text(8);
    return worker;
}

/// Of the outer query's worker: a device of the configuration names it.
constexpr auto has_device =
    "EXISTS (SELECT 1 FROM device WHERE device.worker_host = worker.hostname AND device.health <> 5)";

}  // namespace

void Workers::configure(const std::string& hostname, const std::vector<std::string>& named) {
    static const auto forget =
        std::string{"DELETE FROM worker WHERE hostname <> $1 AND token_hash = '' AND NOT "} + has_device;
    constexpr auto is_this_machine = R"sql(
        INSERT INTO worker (hostname) VALUES ($1)
        ON CONFLICT DO UPDATE SET remote = 0, state = 0, token_hash = '', last_ping = NULL, version = ''
    )sql";
    db_.change(is_this_machine, hostname);
    db_.change(forget, hostname);
    for (const auto& name : named) db_.change("INSERT INTO worker (hostname) VALUES ($1) ON CONFLICT DO NOTHING", name);
    db_.change("UPDATE worker SET remote = 1, state = 1 WHERE hostname <> $1 AND remote = 0", hostname);
}

std::optional<WorkerRow> Workers::find(const std::string& hostname) {
    static const auto sql = std::string{columns} + "worker.hostname = $1";
    auto row = db_.run(sql, hostname);
    if (!row->step()) return std::nullopt;
    return read_worker(*row);
}

std::vector<WorkerRow> Workers::list(const Query& query) {
    BoundFilter bound;
    bound.add(query.conditions);
    auto rows =
        bound.page(db_, columns + bound.where + " ORDER BY " + order_sql(query.ordering, "worker.hostname"), query);
    std::vector<WorkerRow> workers;
    while (rows->step()) workers.push_back(read_worker(*rows));
    return workers;
}

std::int64_t Workers::count(const Query& query) {
    BoundFilter bound;
    bound.add(query.conditions);
    auto row = bound.prepare(db_, "SELECT COUNT(*) FROM worker WHERE " + bound.where);
    return row->step() ? row->integer(0) : 0;
}

std::set<std::string> Workers::remote() {
    std::set<std::string> names;
    for (auto row = db_.run(remote_workers_sql); row->step();) names.emplace(row->text(0));
    return names;
}

bool Workers::any_limited() { return db_.run("SELECT 1 FROM worker WHERE job_limit > 0 LIMIT 1")->step(); }

bool Workers::update(const std::string& hostname, const std::optional<std::string>& description,
                     std::optional<int> job_limit) {
    constexpr auto sql = R"sql(
        UPDATE worker SET description = COALESCE($1, description), job_limit = COALESCE($2, job_limit)
        WHERE hostname = $3
    )sql";
    return db_.change(sql, description, job_limit, hostname) == 1;
}

bool Workers::set_health(const std::string& hostname, WorkerHealth health, WallTime now) {
    const auto worker = find(hostname);
    if (!worker) return false;
    db_.change("UPDATE worker SET health = $1 WHERE hostname = $2", health, hostname);
    const bool back = health == WorkerHealth::active && worker->health != WorkerHealth::retired;
    if (!back && health != WorkerHealth::retired) return true;
    Devices devices{db_};
    Query all;
    all.limit = -1;
    for (const auto& device : devices.list(all)) {
        if (device.worker_host != hostname) continue;
        if (back && device.health == DeviceHealth::good)
            devices.set_health(device.hostname, DeviceHealth::unknown, "worker " + hostname + " is Active again", now);
        if (health == WorkerHealth::retired && device.health != DeviceHealth::bad)
            devices.set_health(device.hostname, DeviceHealth::retired, "worker " + hostname + " is Retired", now);
    }
    return true;
}

void Workers::enroll(const std::string& hostname, const std::string& token_hash) {
    constexpr auto sql = R"sql(
        INSERT INTO worker (hostname, token_hash, remote, state) VALUES ($1, $2, 1, 1)
        ON CONFLICT DO UPDATE SET token_hash = excluded.token_hash, remote = 1
    )sql";
    db_.change(sql, hostname, token_hash);
}

std::int64_t Workers::count_without_devices() {
    static const auto sql = std::string{"SELECT COUNT(*) FROM worker WHERE token_hash <> '' AND NOT "} + has_device;
    auto row = db_.run(sql);
    return row->step() ? row->integer(0) : 0;
}

bool Workers::remove(const std::string& hostname) {
    static const auto sql =
        std::string{
            "DELETE FROM worker WHERE hostname = $1 AND remote = 1 AND NOT EXISTS (SELECT 1 FROM "
            "lease WHERE lease.worker = worker.hostname AND lease.worker <> '' AND "
            "lease.phase < 3) AND NOT "} +
        has_device;
    return db_.change(sql, hostname) == 1;
}

bool Workers::heard(const std::string& hostname, std::string_view version, WallTime now) {
    const bool back = db_.change("UPDATE worker SET state = 0 WHERE hostname = $1 AND state <> 0", hostname) == 1;
    db_.change("UPDATE worker SET last_ping = $1, version = $2 WHERE hostname = $3", now, version, hostname);
    return back;
}

std::optional<WallTime> Workers::longest_silent() {
    auto row = db_.run("SELECT MIN(COALESCE(last_ping, 0)) FROM worker WHERE remote = 1 AND state = 0");
    if (!row->step()) return std::nullopt;
    return maybe_time(*row, 0);
}

std::vector<std::string> Workers::silent_since(WallTime since) {
    constexpr auto sql = R"sql(
        UPDATE worker SET state = 1 WHERE remote = 1 AND state = 0 AND COALESCE(last_ping, 0) <= $1 RETURNING hostname
    )sql";
    std::vector<std::string> names;
    for (auto row = db_.run(sql, since); row->step();) names.emplace_back(row->text(0));
    return names;
}

}  // namespace patchbay
