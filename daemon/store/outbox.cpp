// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/outbox.hpp"

#include <array>

namespace patchbay {
namespace {

const std::string select_sql =
    "SELECT id, job, kind, position, address, receiver, job_state, job_health, phase, created, due, attempts, "
    "last_attempt, status, problem, submitter FROM notification WHERE ";

NotificationRow read_notification(const Statement& row) {
    NotificationRow notification;
    notification.id.value = row.integer(0);
    notification.job.value = row.integer(1);
    notification.kind = static_cast<NotificationKind>(row.integer(2));
    notification.position = static_cast<int>(row.integer(3));
    notification.address = row.text(4);
    notification.receiver = row.text(5);
    notification.job_state = static_cast<JobState>(row.integer(6));
    notification.job_health = static_cast<JobHealth>(row.integer(7));
    notification.phase = static_cast<NotificationPhase>(row.integer(8));
    notification.created = time_of(row.integer(9));
    notification.due = time_of(row.integer(10));
    notification.attempts = static_cast<int>(row.integer(11));
    notification.last_attempt = maybe_time(row, 12);
    notification.status = row.integer(13);
    notification.problem = row.text(14);
    notification.submitter.value = row.integer(15);
    return notification;
}

std::vector<NotificationRow> read_all(StatementHandle rows) {
    std::vector<NotificationRow> notifications;
    while (rows->step()) notifications.push_back(read_notification(*rows));
    return notifications;
}

NotificationId insert(Database& db, const NewNotification& made, NotificationPhase phase, const std::string& problem,
                      WallTime now) {
    constexpr auto sql = R"sql(
        INSERT INTO notification (job, kind, position, address, receiver, job_state, job_health, phase, created, due,
            problem, submitter)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, (SELECT submitter_id FROM job WHERE id = $1))
    )sql";
    db.change(sql, made.job, made.kind, made.position, made.address, made.receiver, made.job_state, made.job_health,
              phase, now, problem);
    return NotificationId{db.last_id()};
}

// A given up row behind which nothing waits; the order of one place is kept by who comes first to try again.
constexpr auto retry_sql = "UPDATE notification SET phase = 0, created = $1, due = $1, attempts = 0 WHERE phase = 3";

}  // namespace

const std::string Outbox::due_sql =
    select_sql + "phase = 0 AND submitter = $1 AND receiver = $2 AND due <= $3 ORDER BY due, id LIMIT $4";

std::string_view to_string(NotificationKind kind) {
    static constexpr std::array<std::string_view, 3> names{"callback", "email", "irc"};
    return names.at(static_cast<std::size_t>(kind));
}

std::string_view to_string(NotificationPhase phase) {
    static constexpr std::array<std::string_view, 4> names{"waiting", "behind", "sent", "given up"};
    return names.at(static_cast<std::size_t>(phase));
}

NotificationId Outbox::add(const NewNotification& notification, WallTime now) {
    constexpr auto earlier_sql = R"sql(
        SELECT 1 FROM notification WHERE job = $1 AND kind = $2 AND position = $3 AND phase IN (0, 1) LIMIT 1
    )sql";
    const bool behind = db_.run(earlier_sql, notification.job, notification.kind, notification.position)->step();
    return insert(db_, notification, behind ? NotificationPhase::behind : NotificationPhase::waiting, "", now);
}

NotificationId Outbox::add_given_up(const NewNotification& notification, const std::string& problem, WallTime now) {
    return insert(db_, notification, NotificationPhase::given_up, problem, now);
}

bool Outbox::has(JobId job, NotificationKind kind, int position) {
    constexpr auto sql = "SELECT 1 FROM notification WHERE job = $1 AND kind = $2 AND position = $3 LIMIT 1";
    return db_.run(sql, job, kind, position)->step();
}

std::optional<UserId> Outbox::next_submitter(UserId previous) {
    auto row = db_.run(next_submitter_sql, previous);
    if (!row->step()) return std::nullopt;
    return UserId{row->integer(0)};
}

std::optional<std::string> Outbox::next_receiver(UserId submitter, const std::string& previous) {
    auto row = db_.run(next_receiver_sql, submitter, previous);
    if (!row->step()) return std::nullopt;
    return std::string{row->text(0)};
}

std::vector<NotificationRow> Outbox::due(UserId submitter, const std::string& receiver, WallTime now,
                                         std::int64_t limit) {
    return read_all(db_.run(due_sql, submitter, receiver, now, limit));
}

std::optional<WallTime> Outbox::next_due(WallTime now) {
    auto row = db_.run(next_due_sql, now);
    if (!row->step()) return std::nullopt;
    return maybe_time(*row, 0);
}

std::optional<NotificationRow> Outbox::find(NotificationId id) {
    static const auto sql = select_sql + "id = $1";
    auto row = db_.run(sql, id);
    if (!row->step()) return std::nullopt;
    return read_notification(*row);
}

std::vector<NotificationRow> Outbox::of_job(JobId job) {
    static const auto sql = select_sql + "job = $1 ORDER BY id";
    return read_all(db_.run(sql, job));
}

std::vector<NotificationRow> Outbox::list(NotificationPhase phase, std::int64_t limit) {
    static const auto sql = select_sql + "phase = $1 ORDER BY id LIMIT $2";
    return read_all(db_.run(sql, phase, limit));
}

void Outbox::record(NotificationId id, const AttemptRecord& attempt) {
    constexpr auto sql = R"sql(
        UPDATE notification SET phase = $1, status = $2, problem = $3, last_attempt = $4, due = $5,
            attempts = attempts + 1
        WHERE id = $6 AND phase = 0
    )sql";
    // The oldest of those behind is next in line.
    constexpr auto next_sql = R"sql(
        UPDATE notification SET phase = 0 WHERE id = (
            SELECT MIN(later.id) FROM notification AS later JOIN notification AS ended ON ended.id = $1
            WHERE later.job = ended.job AND later.kind = ended.kind AND later.position = ended.position
                AND later.phase = 1)
    )sql";
    if (db_.change(sql, attempt.phase, attempt.status, attempt.problem, attempt.at, attempt.due, id) == 0) return;
    if (attempt.phase != NotificationPhase::waiting) db_.change(next_sql, id);
}

std::int64_t Outbox::retry(NotificationId id, WallTime now) {
    static const auto sql = std::string{retry_sql} + " AND id = $2";
    return db_.change(sql, now, id);
}

std::int64_t Outbox::retry_job(JobId job, WallTime now) {
    static const auto sql = std::string{retry_sql} + " AND job = $2";
    return db_.change(sql, now, job);
}

std::int64_t Outbox::retry_all(WallTime now) { return db_.change(retry_sql, now); }

}  // namespace patchbay
