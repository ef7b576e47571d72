// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/query.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/viewer.hpp"

namespace patchbay {

struct NewJob {
    UserId submitter;
    std::string description;
    bool health_check = false;
    std::optional<std::string> requested_device_type;
    std::vector<TagId> tags;
    int priority = 50;
    Visibility visibility = Visibility::everyone;
    std::vector<GroupId> viewing_groups;  ///< with Visibility::groups; none of them: seen by the submitter only
    std::string definition;
    std::string original_definition;
    /// But that of the group. nullopt: the definition does not speak of secrets.
    std::optional<MaskedTexts> masked;
    std::string metadata = "{}";  ///< JSON object
    std::optional<std::chrono::seconds> queue_timeout;
    std::optional<std::chrono::seconds> run_limit;  ///< `timeouts.job`
    std::string requested_device;                   ///< the one that it wants; empty: any of its type
};

/// What changes about a job while it is watched.
struct JobStatus {
    JobState state = JobState::submitted;
    JobHealth health = JobHealth::unknown;
    bool log_removed = false;
    bool operator==(const JobStatus&) const = default;
};

/// The jobs, through one connection. Reading functions work on any; writing ones inside Store::write.
/// Every change of state names the state it expects; false means that another was faster.
class Jobs {
public:
    explicit Jobs(Database& db) : db_{db} {}

    /// Ids count from 1 and are never used again.
    JobId insert(const NewJob& job, WallTime now);

    std::optional<JobRow> find(JobId job);
    /// nullopt also when `viewer` may not see it.
    std::optional<JobRow> find(JobId job, const Viewer& viewer);
    /// The same without reading it.
    bool is_seen(JobId job, const Viewer& viewer);
    /// nullopt: there are none, as the definition does not speak of secrets or the job was stored before such texts
    /// were.
    std::optional<MaskedTexts> masked_texts(JobId job);
    std::vector<JobRow> list(const Query& query, const Viewer& viewer);
    /// Only their numbers, in the same order. Whoever knows that there are `matches` has late pages found sooner.
    std::vector<JobId> ids(const Query& query, const Viewer& viewer, std::optional<std::int64_t> matches = {});
    /// What `ids` asks the engine, without limit and offset; for tests of how it is answered.
    static std::string ids_sql(const Query& query, const Viewer& viewer);
    /// Matches before limit and offset.
    std::int64_t count(const Query& query, const Viewer& viewer);
    /// Can `list` and `count` use an index for all of it? Otherwise they belong on a worker.
    static bool is_cheap(const Query& query, const Viewer& viewer);

    /// Without the texts that find() brings along.
    std::optional<JobStatus> status(JobId job);
    /// Id of the submitter, for "may this user cancel it?".
    std::optional<UserId> submitter(JobId job);

    /// Submitted -> Scheduled on `device`.
    bool schedule(JobId job, const std::string& device);
    /// Scheduled -> Running.
    bool start(JobId job, WallTime now);
    /// Scheduled, Running -> Canceling.
    bool cancel_running(JobId job, const std::string& reason);
    /// Submitted -> Finished, Canceled.
    bool cancel_queued(JobId job, const std::string& reason, WallTime now);
    /// Scheduled, Running -> Submitted: its attempt was stopped for others. Its age in the queue stays, its queue
    /// time-out begins anew.
    bool requeue(JobId job, WallTime now);
    /// Anything but Finished -> Finished; a Canceling job becomes Canceled whatever `health` says.
    bool finish(JobId job, JobHealth health, WallTime now);
    /// Appends a line, until the whole has some KB; what comes later is in the log.
    void add_failure_comment(JobId job, const std::string& text);

    /// The next moment at which a queued job's time-out passes.
    std::optional<WallTime> next_queue_expiry();
    /// Submitted jobs whose queue time-out has passed.
    std::vector<JobId> queue_expired(WallTime now);
    // Asked for at every submission. The index is named: SQLite would walk all queued jobs by their state instead.
    static constexpr auto next_queue_expiry_sql =
        "SELECT MIN(queue_expires) FROM job INDEXED BY job_queue_expiry WHERE state = 0 AND queue_expires IS NOT NULL";
    static constexpr auto queue_expired_sql =
        "SELECT id FROM job INDEXED BY job_queue_expiry WHERE state = 0 AND queue_expires IS NOT NULL "
        "AND queue_expires <= $1 ORDER BY queue_expires";

    /// Queued (Submitted) jobs of a type and how many; for status pages.
    struct QueueLength {
        std::string device_type;
        std::int64_t jobs = 0;
    };
    std::vector<QueueLength> queue_lengths();

    /// How many jobs somebody has: in the queue, and with a device (Scheduling to Canceling).
    struct Load {
        UserId submitter;
        std::string device_type;
        std::int64_t queued = 0;
        std::int64_t running = 0;
    };
    /// Of everybody who has any, one for each device type.
    std::vector<Load> loads();
    static constexpr auto loads_sql = R"sql(
        SELECT submitter_id, requested_device_type, SUM(CASE WHEN state = 0 THEN jobs ELSE 0 END),
            SUM(CASE WHEN state = 0 THEN 0 ELSE jobs END)
        FROM job_counter WHERE state < 5 AND jobs > 0 GROUP BY submitter_id, requested_device_type
    )sql";

private:
    Database& db_;
};

}  // namespace patchbay
