// SPDX-License-Identifier: Apache-2.0
#pragma once
// What jobs ask for in `notify` and what became of it. A row is made in the transaction that makes it due, and stays
// until it was sent or given up, however often the daemon dies in between: each is sent at least once.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

enum class NotificationKind { callback = 0, mail = 1, irc = 2 };
enum class NotificationPhase {
    waiting = 0,
    behind = 1,  ///< one for the same place about an earlier state of the job is waiting
    sent = 2,
    given_up = 3,
};
/// "callback", "email", "irc"; "waiting", "behind", "sent", "given up"
std::string_view to_string(NotificationKind);
std::string_view to_string(NotificationPhase);

/// One thing to send about one state of a job.
struct NewNotification {
    JobId job;
    NotificationKind kind = NotificationKind::callback;
    int position = 0;      ///< in the job's callbacks, or in its recipients; counts from 0
    std::string address;   ///< URL, mail address or name of a user
    std::string receiver;  ///< the same for all that go to one server: "https://host:port", "mail"
    JobState job_state = JobState::submitted;
    JobHealth job_health = JobHealth::unknown;
};

struct NotificationRow : NewNotification {
    NotificationId id;
    UserId submitter;  ///< of the job
    NotificationPhase phase = NotificationPhase::waiting;
    WallTime created{};
    WallTime due{};  ///< of the next attempt
    int attempts = 0;
    std::optional<WallTime> last_attempt;
    std::int64_t status = 0;  ///< the last attempt's answer, as HTTP or SMTP number it; 0: there was none
    std::string problem;      ///< of the last attempt; "" when it succeeded
};

/// What an attempt came to.
struct AttemptRecord {
    NotificationPhase phase = NotificationPhase::sent;  ///< or waiting, given_up
    std::int64_t status = 0;
    std::string problem;
    WallTime at{};
    WallTime due{};  ///< when it is still waiting
};

/// Through one connection. Reading functions work on any; writing ones inside Store::write.
class Outbox {
public:
    explicit Outbox(Database& db) : db_{db} {}

    /// Waiting, or behind what waits for the same place of the same job.
    NotificationId add(const NewNotification& notification, WallTime now);
    /// Never tried, because of `problem`.
    NotificationId add_given_up(const NewNotification& notification, const std::string& problem, WallTime now);
    /// Is there one of the job for this place, whatever became of it?
    bool has(JobId job, NotificationKind kind, int position);

    /// The first submitter behind `previous` for whose jobs something waits: one seek.
    std::optional<UserId> next_submitter(UserId previous);
    /// The first receiver of the submitter's jobs behind `previous`, in the order of their texts: one seek.
    std::optional<std::string> next_receiver(UserId submitter, const std::string& previous);
    /// What waits for `receiver` and is due, the longest due first.
    std::vector<NotificationRow> due(UserId submitter, const std::string& receiver, WallTime now, std::int64_t limit);
    /// When the next one is due that is not yet at `now`.
    std::optional<WallTime> next_due(WallTime now);

    std::optional<NotificationRow> find(NotificationId id);
    std::vector<NotificationRow> of_job(JobId job);
    /// All that are not sent: waiting ones, or given up ones, oldest first.
    std::vector<NotificationRow> list(NotificationPhase phase, std::int64_t limit);

    /// Notes an attempt. What was behind it waits no longer once it is sent or given up. A row that is gone with its
    /// job is no error.
    void record(NotificationId id, const AttemptRecord& attempt);
    /// Given up ones wait again, as if they were new and due now. Returns how many.
    std::int64_t retry(NotificationId id, WallTime now);
    std::int64_t retry_job(JobId job, WallTime now);
    std::int64_t retry_all(WallTime now);

    /// The rows that each wake of the sender looks for are found by these indexes.
    static constexpr auto next_submitter_sql =
        "SELECT submitter FROM notification WHERE phase = 0 AND submitter > $1 ORDER BY submitter LIMIT 1";
    static constexpr auto next_receiver_sql =
        "SELECT receiver FROM notification WHERE phase = 0 AND submitter = $1 AND receiver > $2 ORDER BY receiver "
        "LIMIT 1";
    static constexpr auto next_due_sql = "SELECT MIN(due) FROM notification WHERE phase = 0 AND due > $1";
    static const std::string due_sql;

private:
    Database& db_;
};

}  // namespace patchbay
