// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/announce.hpp"

#include "daemon/notify/callback_url.hpp"
#include "daemon/notify/criteria.hpp"
#include "daemon/notify/job_conditions.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {
namespace {

// Looking through all jobs that there ever were would hold up every other write.
constexpr std::int64_t jobs_looked_at = 10'000;

/// How the submitter's last job of the same name had ended; Unknown when there is none.
JobHealth previous_health(Database& db, const JobRow& job) {
    constexpr auto sql = R"sql(
        SELECT health FROM job WHERE submitter_id = (SELECT id FROM user_account WHERE name = $1) AND description = $2
            AND state = 5 AND id < $3 AND id > $4
        ORDER BY id DESC LIMIT 1
    )sql";
    auto row = db.run(sql, job.submitter, job.description, job.id, job.id.value - jobs_looked_at);
    return row->step() ? static_cast<JobHealth>(row->integer(0)) : JobHealth::unknown;
}

Condition condition(std::string_view filter, FilterValue value, bool negate = false) {
    const auto found = *find_filter(QueryList::jobs, filter);
    return {found.field, found.lookup, {std::move(value)}, negate, {}};
}

std::vector<Condition> conditions_of(NotifyStatus status) {
    const auto state = [](JobState wanted) { return condition("state", static_cast<std::int64_t>(wanted)); };
    const auto ended = [&](JobHealth health) {
        return std::vector{state(JobState::finished), condition("health", static_cast<std::int64_t>(health))};
    };
    switch (status) {
        case NotifyStatus::running:
            return {state(JobState::running)};
        case NotifyStatus::finished:
            return {state(JobState::finished)};
        case NotifyStatus::complete:
            return ended(JobHealth::complete);
        case NotifyStatus::incomplete:
            return ended(JobHealth::incomplete);
        case NotifyStatus::canceled:
            return ended(JobHealth::canceled);
        case NotifyStatus::all:
            break;
    }
    return {};
}

/// Are all other jobs of the query where this one is? Those that its submitter may see. Throws: JobError.
bool others_are_there(Database& db, const JobRow& job, const NotifyCriteria& criteria) {
    if (criteria.dependency_query.empty()) return true;
    const auto submitter = Users{db}.find(job.submitter);
    if (!submitter) return false;
    const auto viewer = viewer_of(db, submitter);
    Query others;
    others.conditions = parse_job_conditions(criteria.dependency_query);
    others.conditions.push_back(condition("id", job.id.value, true));
    others.conditions.push_back(condition("id__gt", job.id.value - jobs_looked_at));
    auto there = others;
    for (auto& one : conditions_of(criteria.status)) there.conditions.push_back(std::move(one));
    Jobs jobs{db};
    return jobs.count(others, viewer) == jobs.count(there, viewer);
}

NewNotification about(const JobRow& job, NotificationKind kind, std::size_t position) {
    NewNotification made;
    made.job = job.id;
    made.kind = kind;
    made.position = static_cast<int>(position);
    made.job_state = job.state;
    made.job_health = job.health;
    return made;
}

void add_callbacks(Outbox& outbox, const JobRow& job, const Notify& notify, WallTime now) {
    for (std::size_t i = 0; i < notify.callbacks.size(); ++i) {
        auto made = about(job, NotificationKind::callback, i);
        made.address = callback_url(notify.callbacks[i].url, job);
        made.receiver = receiver_of(made.address);
        outbox.add(made, now);
    }
}

/// Everybody once for each job: a second state of the same job does not mail again, as in LAVA.
void add_recipients(Outbox& outbox, const JobRow& job, const Notify& notify, WallTime now) {
    for (std::size_t i = 0; i < notify.recipients.size(); ++i) {
        const auto& to = notify.recipients[i];
        const bool by_irc = to.method == Recipient::Method::irc;
        auto made = about(job, by_irc ? NotificationKind::irc : NotificationKind::mail, i);
        if (to.email.empty() && to.user == Recipient::device_owner) continue;  // devices have no owner here
        if (outbox.has(job.id, made.kind, made.position)) continue;
        made.address = !by_irc && !to.email.empty() ? to.email : !to.user.empty() ? to.user : to.handle;
        made.receiver = to_string(made.kind);
        if (by_irc) {
            outbox.add_given_up(made, "this lab sends nothing by IRC; ask for an e-mail or a callback", now);
        } else {
            outbox.add(made, now);
        }
    }
    if (!notify.mails_submitter() || outbox.has(job.id, NotificationKind::mail, 0)) return;
    auto made = about(job, NotificationKind::mail, 0);
    made.address = job.submitter;
    made.receiver = to_string(made.kind);
    outbox.add(made, now);
}

/// Of a query that this lab cannot ask nobody knows whether it holds: said once, where the notifications are shown.
void refuse(Outbox& outbox, const JobRow& job, const Notify& notify, const std::string& problem, WallTime now) {
    auto made = about(job, notify.callbacks.empty() ? NotificationKind::mail : NotificationKind::callback, 0);
    made.address = notify.callbacks.empty() ? job.submitter : callback_url(notify.callbacks[0].url, job);
    made.receiver = receiver_of(made.address);
    if (!outbox.has(job.id, made.kind, made.position)) outbox.add_given_up(made, problem, now);
}

}  // namespace

void announce(Database& db, JobId id, WallTime now) {
    const auto job = Jobs{db}.find(id);
    if (!job) return;
    const auto notify = notify_of(job->definition);
    if (!notify) return;
    Transition transition{job->state, job->health};
    if (notify->criteria.change != NotifyChange::any) transition.previous = previous_health(db, *job);
    if (!fires(notify->criteria, transition)) return;
    Outbox outbox{db};
    try {
        if (!others_are_there(db, *job, notify->criteria)) return;
    } catch (const JobError& error) {
        refuse(outbox, *job, *notify, std::string{"dependency_query: "} + error.what(), now);
        return;
    } catch (const RefusedError& error) {  // a query of the submitter's must not keep the job from ending
        refuse(outbox, *job, *notify, std::string{"dependency_query: the store refuses it: "} + error.what(), now);
        return;
    }
    add_callbacks(outbox, *job, *notify, now);
    add_recipients(outbox, *job, *notify, now);
}

}  // namespace patchbay
