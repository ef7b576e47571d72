// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/leases.hpp"

#include "daemon/store/logs.hpp"

namespace patchbay {
namespace {

constexpr auto columns =
    "id, job, device, fence, attempt, folder, runner_pid, runner_start, journal_offset, phase, stop_reason, requeue, "
    "started, ended, worker, first_line";

LeaseRow read_lease(const Statement& row) {
    LeaseRow lease;
    lease.id.value = row.integer(0);
    lease.job.value = row.integer(1);
    lease.device = row.text(2);
    lease.fence.value = row.integer(3);
    lease.attempt = static_cast<int>(row.integer(4));
    lease.folder = row.text(5);
    lease.runner_pid = row.integer(6);
    lease.runner_start = row.integer(7);
    lease.journal_offset = row.integer(8);
    lease.phase = static_cast<LeaseRow::Phase>(row.integer(9));
    lease.stop_reason = row.text(10);
    lease.requeue = row.integer(11) != 0;
    lease.started = time_of(row.integer(12));
    lease.ended = maybe_time(row, 13);
    lease.worker = row.text(14);
    lease.first_line = row.integer(15);
    return lease;
}

std::vector<LeaseRow> read_all(StatementHandle rows) {
    std::vector<LeaseRow> leases;
    while (rows->step()) leases.push_back(read_lease(*rows));
    return leases;
}

std::optional<LeaseRow> read_one(StatementHandle rows) {
    if (!rows->step()) return std::nullopt;
    return read_lease(*rows);
}

}  // namespace

LeaseRow Leases::insert(JobId job, const std::string& device, WallTime now) {
    LeaseRow lease;
    lease.job = job;
    lease.device = device;
    auto fence =
        db_.run("UPDATE device SET last_fence = last_fence + 1 WHERE hostname = $1 RETURNING last_fence", device);
    if (!fence->step())
        throw StoreError{"device '" + device + "': not in the store; restart patchbayd to load the lab"};
    lease.fence.value = fence->integer(0);
    fence.reset();
    auto attempt = db_.run("SELECT COUNT(*) FROM lease WHERE job = $1", job);
    attempt->step();
    lease.attempt = static_cast<int>(attempt->integer(0)) + 1;
    constexpr auto worker_sql = R"sql(
        SELECT worker.hostname FROM device JOIN worker ON worker.hostname = device.worker_host
        WHERE device.hostname = $1 AND worker.remote = 1
    )sql";
    if (auto worker = db_.run(worker_sql, device); worker->step()) {
        lease.worker = worker->text(0);
        lease.first_line = Logs{db_}.line_count(job);  // what earlier attempts have left
    }
    constexpr auto insert_sql = R"sql(
        INSERT INTO lease (job, device, fence, attempt, started, worker, first_line) VALUES ($1, $2, $3, $4, $5, $6, $7)
    )sql";
    db_.change(insert_sql, job, device, lease.fence, lease.attempt, now, lease.worker, lease.first_line);
    lease.id.value = db_.last_id();
    lease.started = now;
    return lease;
}

bool Leases::set_folder(LeaseId lease, Fence fence, const std::string& folder) {
    return db_.change("UPDATE lease SET folder = $1 WHERE id = $2 AND fence = $3 AND phase < 3", folder, lease,
                      fence) == 1;
}

bool Leases::set_runner(LeaseId lease, Fence fence, std::int64_t pid, std::int64_t start) {
    constexpr auto sql = R"sql(
        UPDATE lease SET runner_pid = $1, runner_start = $2 WHERE id = $3 AND fence = $4 AND phase < 3
    )sql";
    return db_.change(sql, pid, start, lease, fence) == 1;
}

bool Leases::set_phase(LeaseId lease, Fence fence, LeaseRow::Phase phase) {
    return db_.change("UPDATE lease SET phase = $1 WHERE id = $2 AND fence = $3 AND phase < 3", phase, lease, fence) ==
           1;
}

bool Leases::stop(LeaseId lease, Fence fence, const std::string& reason, bool requeue) {
    constexpr auto sql = R"sql(
        UPDATE lease SET stop_reason = $1, requeue = $2 WHERE id = $3 AND fence = $4 AND phase < 3 AND stop_reason = ''
    )sql";
    return db_.change(sql, reason, requeue, lease, fence) == 1;
}

bool Leases::set_offset(LeaseId lease, Fence fence, std::int64_t offset) {
    return db_.change("UPDATE lease SET journal_offset = $1 WHERE id = $2 AND fence = $3 AND phase < 3", offset, lease,
                      fence) == 1;
}

bool Leases::close(LeaseId lease, Fence fence, WallTime now) {
    return db_.change("UPDATE lease SET phase = 3, ended = $1 WHERE id = $2 AND fence = $3 AND phase < 3", now, lease,
                      fence) == 1;
}

std::optional<LeaseRow> Leases::find(LeaseId lease) {
    static const auto sql = std::string{"SELECT "} + columns + " FROM lease WHERE id = $1";
    return read_one(db_.run(sql, lease));
}

std::vector<LeaseRow> Leases::open_leases() {
    static const auto sql = std::string{"SELECT "} + columns + " FROM lease WHERE phase < 3 ORDER BY id";
    return read_all(db_.run(sql));
}

std::optional<LeaseRow> Leases::open_lease_of(JobId job) {
    static const auto sql = std::string{"SELECT "} + columns + " FROM lease WHERE job = $1 AND phase < 3";
    return read_one(db_.run(sql, job));
}

std::vector<LeaseRow> Leases::attempts(JobId job) {
    static const auto sql = std::string{"SELECT "} + columns + " FROM lease WHERE job = $1 ORDER BY id";
    return read_all(db_.run(sql, job));
}

}  // namespace patchbay
