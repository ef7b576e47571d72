// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/attached_jobs.hpp"

#include "daemon/store/users.hpp"

namespace patchbay {
namespace {

const std::string select_sql =
    "SELECT id, attachment, remote_job, token, job, running_told, lines_sent, ended FROM attached_job WHERE ";

AttachedJobRow read_row(const Statement& row) {
    AttachedJobRow job;
    job.id.value = row.integer(0);
    job.attachment = row.text(1);
    job.remote = row.integer(2);
    job.token = row.text(3);
    job.job.value = row.integer(4);
    job.running_told = row.integer(5) != 0;
    job.lines_sent = row.integer(6);
    job.ended = maybe_time(row, 7);
    return job;
}

std::optional<AttachedJobRow> read_one(StatementHandle rows) {
    if (!rows->step()) return std::nullopt;
    return read_row(*rows);
}

}  // namespace

AttachedJobId AttachedJobs::add(const std::string& attachment, std::int64_t remote, const std::string& token,
                                JobId job) {
    constexpr auto sql = R"sql(
        INSERT INTO attached_job (attachment, remote_job, token_hash, token, job) VALUES ($1, $2, $3, $4, $5)
    )sql";
    db_.change(sql, attachment, remote, sha256_hex(token), token, job);
    return AttachedJobId{db_.last_id()};
}

std::optional<AttachedJobRow> AttachedJobs::find(AttachedJobId id) {
    static const auto sql = select_sql + "id = $1";
    return read_one(db_.run(sql, id));
}

std::optional<AttachedJobRow> AttachedJobs::find(const std::string& attachment, std::int64_t remote,
                                                 const std::string& token) {
    static const auto sql = select_sql + "attachment = $1 AND remote_job = $2 AND token_hash = $3";
    return read_one(db_.run(sql, attachment, remote, sha256_hex(token)));
}

std::vector<AttachedJobRow> AttachedJobs::open(const std::optional<std::string>& attachment) {
    static const auto sql = select_sql + "ended IS NULL AND ($1 IS NULL OR attachment = $1) ORDER BY id";
    std::vector<AttachedJobRow> jobs;
    for (auto row = db_.run(sql, attachment); row->step();) jobs.push_back(read_row(*row));
    return jobs;
}

void AttachedJobs::set_token(AttachedJobId id, const std::string& token) {
    db_.change("UPDATE attached_job SET token = $1, token_hash = $2 WHERE id = $3", token, sha256_hex(token), id);
}

void AttachedJobs::set_running_told(AttachedJobId id) {
    db_.change("UPDATE attached_job SET running_told = 1 WHERE id = $1", id);
}

void AttachedJobs::set_lines_sent(AttachedJobId id, std::int64_t lines) {
    db_.change("UPDATE attached_job SET lines_sent = $1 WHERE id = $2", lines, id);
}

void AttachedJobs::end(AttachedJobId id, WallTime now) {
    db_.change("UPDATE attached_job SET ended = $1, token = '' WHERE id = $2", now, id);
}

void AttachedJobs::reopen(AttachedJobId id, const std::string& token) {
    constexpr auto sql = R"sql(
        UPDATE attached_job SET ended = NULL, token = $1, running_told = 0, lines_sent = 0 WHERE id = $2
    )sql";
    db_.change(sql, token, id);
}

}  // namespace patchbay
