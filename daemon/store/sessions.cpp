// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sessions.hpp"

namespace patchbay {
namespace {

const std::string columns = "SELECT job, note, seconds, idle_release, ends, end_reason FROM session";

SessionRow read_session(const Statement& row) {
    SessionRow session;
    session.job.value = row.integer(0);
    session.note = row.text(1);
    session.time = std::chrono::seconds{row.integer(2)};
    if (const auto seconds = maybe_integer(row, 3)) session.idle_release = std::chrono::seconds{*seconds};
    session.ends = maybe_time(row, 4);
    session.end_reason = row.text(5);
    return session;
}

}  // namespace

void Sessions::insert(const SessionRow& session) {
    std::optional<std::int64_t> idle;
    if (session.idle_release) idle = session.idle_release->count();
    db_.change("INSERT INTO session (job, note, seconds, idle_release) VALUES ($1, $2, $3, $4)", session.job,
               session.note, std::int64_t{session.time.count()}, idle);
}

std::optional<SessionRow> Sessions::find(JobId job) {
    static const auto sql = columns + " WHERE job = $1";
    auto row = db_.run(sql, job);
    if (!row->step()) return std::nullopt;
    return read_session(*row);
}

void Sessions::begin(JobId job, WallTime now) {
    db_.change("UPDATE session SET ends = $1 + seconds * 1000000 WHERE job = $2 AND ends IS NULL", now, job);
}

bool Sessions::extend(JobId job, std::chrono::seconds time, std::chrono::seconds more, WallTime now) {
    constexpr auto sql =
        "UPDATE session SET seconds = seconds + $1, ends = ends + $1 * 1000000"
        " WHERE job = $2 AND seconds = $3 AND ends > $4 AND over = 0 AND end_reason = ''";
    return db_.change(sql, std::int64_t{more.count()}, job, std::int64_t{time.count()}, now) == 1;
}

bool Sessions::end(JobId job, const std::string& reason, WallTime now) {
    constexpr auto sql =
        "UPDATE session SET ends = $1, end_reason = $2 WHERE job = $3 AND over = 0 AND end_reason = ''";
    return db_.change(sql, now, reason, job) == 1;
}

std::vector<SessionRow> Sessions::open() {
    static const auto sql = columns + " WHERE over = 0 ORDER BY job";
    auto rows = db_.run(sql);
    std::vector<SessionRow> all;
    while (rows->step()) all.push_back(read_session(*rows));
    return all;
}

}  // namespace patchbay
