// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/jobs.hpp"

#include <algorithm>

#include "daemon/store/bound_filter.hpp"
#include "daemon/store/groups.hpp"
#include "daemon/store/id_set.hpp"
#include "daemon/store/job_conditions.hpp"
#include "daemon/store/tag_set.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {
namespace {

constexpr auto find_sql = R"sql(
    SELECT job.id, user_account.name, job.description, job.health_check, job.requested_device_type, job.tag_set,
        job.actual_device, job.submit_time, job.start_time, job.end_time, job.state, job.health, job.priority,
        job.visibility, job_text.definition, COALESCE(job_text.original_definition, job_text.definition), job.metadata,
        job.failure_comment, job.queue_timeout, job.cancel_reason, job.submitter_id,
        job.log_removed, job.run_limit, job.queue_expires,
        CASE WHEN job.visibility > 1 THEN (SELECT groups FROM viewing_set WHERE id = job.visibility) END,
        job.sub_id, job.target_group, COALESCE((SELECT definition FROM job_group WHERE name = job.target_group), ''),
        job.requested_device
    FROM job JOIN user_account ON user_account.id = job.submitter_id JOIN job_text ON job_text.job = job.id
    WHERE job.id = $1
)sql";

JobRow read_job(const Statement& row) {
    JobRow job;
    job.id.value = row.integer(0);
    job.submitter = row.text(1);
    job.description = row.text(2);
    job.health_check = row.integer(3) != 0;
    job.requested_device_type = maybe_text(row, 4);
    job.tags = parse_tag_set(row.text(5));
    job.actual_device = maybe_text(row, 6);
    job.submit_time = time_of(row.integer(7));
    job.start_time = maybe_time(row, 8);
    job.end_time = maybe_time(row, 9);
    job.state = static_cast<JobState>(row.integer(10));
    job.health = static_cast<JobHealth>(row.integer(11));
    job.priority = static_cast<int>(row.integer(12));
    job.visibility = row.integer(13) == 0   ? Visibility::everyone
                     : row.integer(13) == 1 ? Visibility::personal
                                            : Visibility::groups;
    if (!row.is_null(24)) job.viewing_groups = parse_id_set<GroupId>(row.text(24));
    job.definition = row.text(14);
    job.original_definition = row.text(15);
    job.metadata = row.text(16);
    job.failure_comment = maybe_text(row, 17);
    if (const auto seconds = maybe_integer(row, 18)) job.queue_timeout = std::chrono::seconds{*seconds};
    job.cancel_reason = row.text(19);
    job.log_removed = maybe_time(row, 21);
    if (const auto seconds = maybe_integer(row, 22)) job.run_limit = std::chrono::seconds{*seconds};
    job.queue_expires = maybe_time(row, 23);
    job.sub_id = row.text(25);
    job.target_group = row.text(26);
    job.multinode_definition = row.text(27);
    job.requested_device = row.text(28);
    return job;
}

/// What find_sql found of what may_see() asks for.
JobSight sight_of(const Statement& row) {
    return {row.integer(13), UserId{row.integer(20)}, maybe_text(row, 6), maybe_text(row, 4)};
}

/// Secrets are shown to their owner only; guessing them letter by letter with a filter must not work either.
void add_without_secrets(BoundFilter& bound, const Query& query, const Viewer& viewer) {
    const bool reads_definitions =
        std::any_of(query.conditions.begin(), query.conditions.end(), [](const Condition& condition) {
            return condition.field->name.ends_with("definition");  // also the original, and that of the whole group
        });
    if (viewer.superuser || !reads_definitions) return;
    bound.where += " AND (";
    if (viewer.user) bound.where += "job.submitter_id = " + bound.parameter(viewer.user->value) + " OR ";
    bound.where +=
        "NOT EXISTS (SELECT 1 FROM job_text WHERE job_text.job = job.id AND job_text.definition LIKE '%secrets%'))";
}

BoundFilter filter(const Query& query, const Viewer& viewer) {
    BoundFilter bound;
    add_visible_jobs(bound, viewer);
    add_job_conditions(bound, query);
    add_without_secrets(bound, query, viewer);  // the last: it reads whole definitions, of what is left by then
    return bound;
}

/// Fields that job_counter has, compared in a way that a NULL type (there '') cannot spoil.
bool is_counted(const Condition& condition) {
    const auto name = condition.field->name;
    if (name == "state" || name == "health" || name == "submitter" || name == "submitter__username") return true;
    if (name != "requested_device_type" && name != "requested_device_type__name") return false;
    return condition.lookup == Lookup::exact || condition.lookup == Lookup::in;
}

/// job_counter does not know the devices of jobs: somebody from whom one is hidden has the jobs themselves counted.
bool counts_suffice(const Viewer& viewer) { return viewer.sees_all_jobs() || viewer.sees_all_devices(); }

/// Finds its rows without reading others, and they are counted without reading them all.
bool is_quick(const Condition& condition) {
    if (condition.negate) return false;
    const auto name = condition.field->name;
    const bool names_rows = condition.lookup == Lookup::exact || condition.lookup == Lookup::in;
    const bool by_index = is_counted(condition) && name != "health" && name != "submitter__username";
    return names_rows && (by_index || name == "id");
}

/// The page lies nearer to the end: walking backwards from there finds it sooner.
Query from_the_end(Query query, std::int64_t matches) {
    query.limit = std::min(query.limit, matches - query.offset);
    query.offset = matches - query.offset - query.limit;
    if (query.ordering.empty()) query.ordering.push_back({find_order(QueryList::jobs, "id"), true});
    for (auto& order : query.ordering) order.descending = !order.descending;
    return query;
}

std::string ids_of(const BoundFilter& bound, const Query& query, bool backwards) {
    auto order = query.ordering;
    bool descending = order.empty() != backwards;
    if (!order.empty() && order.front().field->name == "id") {
        descending = order.front().descending;
        order.clear();
    }
    return "SELECT job.id FROM job WHERE " + bound.where + " ORDER BY " +
           order_sql(order, descending ? "job.id DESC" : "job.id");
}

std::int64_t visibility_number(Database& db, const NewJob& job) {
    if (job.visibility == Visibility::everyone) return 0;
    Groups groups{db};
    if (job.visibility == Visibility::groups) return groups.viewing_set(job.viewing_groups);
    return groups.viewing_set({groups.find_or_add(Users{db}.find(job.submitter)->name)});
}

void store_masked(Database& db, JobId job, const MaskedTexts& texts) {
    const bool same = texts.original_definition == texts.definition;
    db.change("INSERT INTO masked_text (job, definition, original_definition) VALUES ($1, $2, $3)", job,
              texts.definition, same ? std::nullopt : texts.original_definition);
}

}  // namespace

JobId Jobs::insert(const NewJob& job, WallTime now) {
    constexpr auto job_sql = R"sql(
        INSERT INTO job (submitter_id, description, health_check, requested_device_type, tag_set, submit_time, priority,
            visibility, metadata, queue_timeout, queue_expires, run_limit, requested_device)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    )sql";
    std::optional<std::int64_t> timeout, run_limit;
    if (job.run_limit) run_limit = job.run_limit->count();
    std::optional<WallTime> expires;
    if (job.queue_timeout) {
        timeout = job.queue_timeout->count();
        expires = now + *job.queue_timeout;
    }
    db_.change(job_sql, job.submitter, job.description, job.health_check, job.requested_device_type,
               format_tag_set(job.tags), now, job.priority, visibility_number(db_, job), job.metadata, timeout, expires,
               run_limit, job.requested_device);
    const JobId id{db_.last_id()};
    std::optional<std::string> original;
    if (job.original_definition != job.definition) original = job.original_definition;
    db_.change("INSERT INTO job_text (job, definition, original_definition) VALUES ($1, $2, $3)", id, job.definition,
               original);
    if (job.masked) store_masked(db_, id, *job.masked);
    for (const auto tag : job.tags) db_.change("INSERT OR IGNORE INTO job_tag (job, tag) VALUES ($1, $2)", id, tag);
    return id;
}

std::optional<JobRow> Jobs::find(JobId job) {
    auto row = db_.run(find_sql, job);
    if (!row->step()) return std::nullopt;
    return read_job(*row);
}

std::optional<JobRow> Jobs::find(JobId job, const Viewer& viewer) {
    auto row = db_.run(find_sql, job);
    if (!row->step()) return std::nullopt;
    if (!may_see(viewer, sight_of(*row))) return std::nullopt;
    return read_job(*row);
}

bool Jobs::is_seen(JobId job, const Viewer& viewer) {
    auto row =
        db_.run("SELECT visibility, submitter_id, actual_device, requested_device_type FROM job WHERE id = $1", job);
    return row->step() &&
           may_see(viewer, {row->integer(0), UserId{row->integer(1)}, maybe_text(*row, 2), maybe_text(*row, 3)});
}

std::optional<MaskedTexts> Jobs::masked_texts(JobId job) {
    constexpr auto sql = R"sql(
        SELECT definition, COALESCE(original_definition, definition),
            (SELECT masked_definition FROM job_group WHERE name = (SELECT target_group FROM job WHERE id = $1))
        FROM masked_text WHERE job = $1
    )sql";
    auto row = db_.run(sql, job);
    if (!row->step()) return std::nullopt;
    return MaskedTexts{maybe_text(*row, 0), maybe_text(*row, 1), maybe_text(*row, 2)};
}

std::vector<JobRow> Jobs::list(const Query& query, const Viewer& viewer) {
    // First the ids, then the rows: sorting and skipping must not carry the definitions along.
    std::vector<JobRow> jobs;
    for (const auto id : ids(query, viewer)) {
        if (auto job = find(id)) jobs.push_back(std::move(*job));
    }
    return jobs;
}

std::vector<JobId> Jobs::ids(const Query& query, const Viewer& viewer, std::optional<std::int64_t> matches) {
    if (matches && query.offset >= *matches) return {};
    const bool backwards = matches && query.offset > *matches / 2;
    const auto walk = backwards ? from_the_end(query, *matches) : query;
    const auto bound = filter(walk, viewer);
    auto rows = bound.page(db_, ids_of(bound, walk, backwards), walk);
    std::vector<JobId> ids;
    while (rows->step()) ids.push_back(JobId{rows->integer(0)});
    if (backwards) std::ranges::reverse(ids);
    return ids;
}

std::string Jobs::ids_sql(const Query& query, const Viewer& viewer) {
    return ids_of(filter(query, viewer), query, false);
}

std::int64_t Jobs::count(const Query& query, const Viewer& viewer) {
    const auto bound = filter(query, viewer);
    const auto names_health = [](const Condition& condition) { return condition.field->name == "health"; };
    const bool counted = counts_suffice(viewer) && std::ranges::all_of(query.conditions, is_counted);
    const bool by_health = std::ranges::any_of(query.conditions, names_health);
    // The counters have the same columns under the same names.
    std::string sql = "SELECT COUNT(*) FROM job WHERE ";
    if (counted)
        sql = std::string{"SELECT COALESCE(SUM(job.jobs), 0) FROM "} +
              (by_health ? "job_counter_by_health" : "job_counter") + " AS job WHERE ";
    auto row = bound.prepare(db_, sql + bound.where);
    return row->step() ? row->integer(0) : 0;
}

bool Jobs::is_cheap(const Query& query, const Viewer& viewer) {
    return query.is_near_start() && counts_suffice(viewer) &&
           std::all_of(query.conditions.begin(), query.conditions.end(), is_quick);
}

std::optional<JobStatus> Jobs::status(JobId job) {
    auto row = db_.run("SELECT state, health, log_removed FROM job WHERE id = $1", job);
    if (!row->step()) return std::nullopt;
    return JobStatus{static_cast<JobState>(row->integer(0)), static_cast<JobHealth>(row->integer(1)), !row->is_null(2)};
}

std::optional<UserId> Jobs::submitter(JobId job) {
    auto row = db_.run("SELECT submitter_id FROM job WHERE id = $1", job);
    if (!row->step()) return std::nullopt;
    return UserId{row->integer(0)};
}

bool Jobs::schedule(JobId job, const std::string& device) {
    return db_.change("UPDATE job SET state = 2, actual_device = $1 WHERE id = $2 AND state = 0", device, job) == 1;
}

bool Jobs::start(JobId job, WallTime now) {
    return db_.change("UPDATE job SET state = 3, start_time = $1 WHERE id = $2 AND state = 2", now, job) == 1;
}

bool Jobs::cancel_running(JobId job, const std::string& reason) {
    return db_.change("UPDATE job SET state = 4, cancel_reason = $1 WHERE id = $2 AND state IN (1, 2, 3)", reason,
                      job) == 1;
}

bool Jobs::cancel_queued(JobId job, const std::string& reason, WallTime now) {
    constexpr auto sql = R"sql(
        UPDATE job SET state = 5, health = 3, cancel_reason = $1, start_time = $2, end_time = $2
        WHERE id = $3 AND state = 0
    )sql";
    return db_.change(sql, reason, now, job) == 1;
}

bool Jobs::requeue(JobId job, WallTime now) {
    constexpr auto sql = R"sql(
        UPDATE job SET state = 0, actual_device = NULL, start_time = NULL, failure_comment = NULL,
            queue_expires = $1 + queue_timeout * 1000000
        WHERE id = $2 AND state IN (1, 2, 3)
    )sql";
    return db_.change(sql, now, job) == 1;
}

bool Jobs::finish(JobId job, JobHealth health, WallTime now) {
    constexpr auto sql = R"sql(
        UPDATE job SET health = CASE WHEN state = 4 THEN 3 ELSE $1 END, state = 5,
            start_time = COALESCE(start_time, $2), end_time = $2
        WHERE id = $3 AND state <> 5
    )sql";
    return db_.change(sql, health, now, job) == 1;
}

void Jobs::add_failure_comment(JobId job, const std::string& text) {
    // A board that prints bad signals for hours must not make each of them a longer write than the one before.
    constexpr auto sql = R"sql(
        UPDATE job SET failure_comment = COALESCE(failure_comment || char(10), '') || substr($1, 1, 4096)
        WHERE id = $2 AND COALESCE(length(failure_comment), 0) < 4096
    )sql";
    db_.change(sql, text, job);
}

std::optional<WallTime> Jobs::next_queue_expiry() {
    auto row = db_.run(next_queue_expiry_sql);
    if (!row->step()) return std::nullopt;
    return maybe_time(*row, 0);
}

std::vector<JobId> Jobs::queue_expired(WallTime now) {
    auto rows = db_.run(queue_expired_sql, now);
    std::vector<JobId> jobs;
    while (rows->step()) jobs.push_back(JobId{rows->integer(0)});
    return jobs;
}

std::vector<Jobs::QueueLength> Jobs::queue_lengths() {
    constexpr auto sql = R"sql(
        SELECT requested_device_type, SUM(jobs) FROM job_counter WHERE state = 0
        GROUP BY requested_device_type HAVING SUM(jobs) > 0 ORDER BY requested_device_type
    )sql";
    auto rows = db_.run(sql);
    std::vector<QueueLength> lengths;
    while (rows->step()) lengths.push_back({std::string{rows->text(0)}, rows->integer(1)});
    return lengths;
}

std::vector<Jobs::Load> Jobs::loads() {
    auto rows = db_.run(loads_sql);
    std::vector<Load> loads;
    while (rows->step())
        loads.push_back({UserId{rows->integer(0)}, std::string{rows->text(1)}, rows->integer(2), rows->integer(3)});
    return loads;
}

}  // namespace patchbay
