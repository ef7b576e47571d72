// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/worker_leases.hpp"

#include "core/equal_secrets.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {

std::vector<WorkerLeases::Attempt> WorkerLeases::of(const std::string& worker) {
    // The conditions of the index lease_worker are written out.
    constexpr auto sql = R"sql(
        SELECT lease.id, lease.job, job.state, lease.stop_reason <> '' FROM lease JOIN job ON job.id = lease.job
        WHERE lease.worker = $1 AND lease.worker <> '' AND lease.phase < 3 ORDER BY lease.id
    )sql";
    std::vector<Attempt> attempts;
    for (auto row = db_.run(sql, worker); row->step();)
        attempts.push_back({LeaseId{row->integer(0)}, JobId{row->integer(1)}, static_cast<JobState>(row->integer(2)),
                            row->integer(3) != 0});
    return attempts;
}

void WorkerLeases::hand_out(LeaseId lease, std::string_view token) {
    db_.change("INSERT OR IGNORE INTO lease_token (hash, lease) VALUES ($1, $2)", sha256_hex(token), lease);
}

bool WorkerLeases::is_handed_out(LeaseId lease) {
    return db_.run("SELECT 1 FROM lease_token WHERE lease = $1 LIMIT 1", lease)->step();
}

std::vector<LeaseRow> WorkerLeases::unclaimed(const std::string& worker) {
    std::vector<LeaseRow> leases;
    for (const auto& attempt : of(worker)) {
        if (is_handed_out(attempt.lease)) continue;
        if (auto lease = Leases{db_}.find(attempt.lease)) leases.push_back(std::move(*lease));
    }
    return leases;
}

std::optional<LeaseRow> WorkerLeases::find(JobId job, std::string_view token) {
    constexpr auto sql = R"sql(
        SELECT lease_token.hash, lease.id FROM lease JOIN lease_token ON lease_token.lease = lease.id
        WHERE lease.job = $1
    )sql";
    const auto hash = sha256_hex(token);
    std::optional<LeaseId> found;
    for (auto row = db_.run(sql, job); row->step();)
        if (equal_secrets(row->text(0), hash)) found = LeaseId{row->integer(1)};
    return found ? Leases{db_}.find(*found) : std::nullopt;
}

void WorkerLeases::set_position(LeaseId lease, std::int64_t lines, std::int64_t first_line) {
    db_.change("UPDATE lease SET journal_offset = $1, first_line = $2 WHERE id = $3", lines, first_line, lease);
}

void WorkerLeases::set_pipeline(JobId job, const std::string& description) {
    constexpr auto sql = R"sql(
        INSERT INTO job_pipeline (job, description) VALUES ($1, $2)
        ON CONFLICT DO UPDATE SET description = excluded.description
    )sql";
    db_.change(sql, job, description);
}

std::optional<std::string> WorkerLeases::pipeline(JobId job) {
    auto row = db_.run("SELECT description FROM job_pipeline WHERE job = $1", job);
    if (!row->step()) return std::nullopt;
    return std::string{row->text(0)};
}

}  // namespace patchbay
