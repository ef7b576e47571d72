// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/workers.hpp"

#include "daemon/store/bound_filter.hpp"
#include "daemon/store/devices.hpp"

namespace patchbay {
namespace {

constexpr auto columns =
    "SELECT worker.hostname, worker.health, worker.description, worker.job_limit FROM worker WHERE ";

WorkerRow read_worker(const Statement& row) {
    return {std::string{row.text(0)}, static_cast<WorkerHealth>(row.integer(1)), std::string{row.text(2)},
            static_cast<int>(row.integer(3))};
}

}  // namespace

void Workers::configure(const std::string& hostname) {
    db_.change("INSERT INTO worker (hostname) VALUES ($1) ON CONFLICT DO NOTHING", hostname);
    db_.change(
        "DELETE FROM worker WHERE hostname <> $1 AND NOT EXISTS "
        "(SELECT 1 FROM device WHERE device.worker_host = worker.hostname AND device.health <> 5)",
        hostname);
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

}  // namespace patchbay
