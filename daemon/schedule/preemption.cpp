// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/preemption.hpp"

#include <algorithm>

#include "daemon/schedule/decision.hpp"
#include "daemon/schedule/earliest.hpp"
#include "daemon/schedule/queue.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/tag_set.hpp"

namespace patchbay {
namespace {

// Of one submitter and set of tags. More follow when these have their devices.
constexpr int most_waiting = 64;

/// A job or a person's reservation that waits for a device which somebody has.
struct Waiting {
    QueueHead job;  ///< of a reservation: its user and the time it was made
    std::optional<std::chrono::seconds> run_limit;
    std::string device;       ///< the reserved one; empty: a job
    std::string only_device;  ///< that the job wants; empty: any of its type
};

struct Running {
    LeaseRow lease;
    std::string tag_set;
    const SharingRule* rule = nullptr;
    bool session = false;  ///< a person's: when it is stopped it is over
    bool goes_on() const { return !session && lease.attempt < rule->preemptible->attempts; }
};

bool may_interrupt(const SharingRule* rule) { return !rule || !rule->preemptible; }

void add_waiting_jobs(std::vector<Waiting>& all, Database& db, SharingView& view) {
    constexpr auto sql = R"sql(
        SELECT id, priority, submit_time, run_limit FROM job
        WHERE state = 0 AND target_group = '' AND requested_device = '' AND requested_device_type = $1
            AND submitter_id = $2 AND tag_set = $3
        ORDER BY priority DESC, submit_time, id LIMIT $4
    )sql";
    Queue queue{db, view.device_type()};
    for (const auto user : queue.submitters()) {
        if (!may_interrupt(view.rule_of(user)) || view.refused(user)) continue;
        for (const auto& tag_set : queue.tag_sets(user)) {
            for (auto row = db.run(sql, view.device_type(), user, tag_set, most_waiting); row->step();) {
                Waiting one;
                one.job = QueueHead{tag_set, JobId{row->integer(0)}, static_cast<int>(row->integer(1)),
                                    time_of(row->integer(2)), user};
                if (const auto seconds = maybe_integer(*row, 3)) one.run_limit = std::chrono::seconds{*seconds};
                all.push_back(std::move(one));
            }
        }
    }
    for (const auto& job : view.of_one_device()) {
        if (!may_interrupt(view.rule_of(job.head.submitter)) || view.refused(job.head.submitter)) continue;
        Waiting one;
        one.job = job.head;
        one.run_limit = job.run_limit;
        one.only_device = job.device;
        all.push_back(std::move(one));
    }
}

/// Reservations first, then jobs in the order of the queue.
std::vector<Waiting> waiting_on(Database& db, SharingView& view) {
    std::vector<Waiting> all;
    add_waiting_jobs(all, db, view);
    std::sort(all.begin(), all.end(), [](const Waiting& a, const Waiting& b) { return goes_before(a.job, b.job); });
    for (const auto& [device, reservation] : view.reservations()) {
        if (reservation.job || !reservation.in_use) continue;
        Waiting one;
        one.device = device;
        one.job.submitter = reservation.user;
        one.job.submit_time = reservation.made;
        all.insert(all.begin(), std::move(one));
    }
    return all;
}

std::vector<Running> interruptible_on(Database& db, SharingView& view) {
    // `phase < 3` is written out: only so does the partial index lease_open apply.
    constexpr auto sql = R"sql(
        SELECT l.id, d.tag_set, j.submitter_id, EXISTS (SELECT 1 FROM session WHERE session.job = j.id)
        FROM lease l JOIN device d ON d.hostname = l.device JOIN job j ON j.id = l.job
        WHERE l.phase < 3 AND l.phase < 2 AND l.stop_reason = '' AND d.device_type = $1 AND d.health <= 1
            AND j.state IN (1, 2, 3) AND j.health_check = 0 AND j.target_group = ''
    )sql";
    std::vector<Running> all;
    for (auto row = db.run(sql, view.device_type()); row->step();) {
        Running one;
        one.rule = view.rule_of(UserId{row->integer(2)});
        if (may_interrupt(one.rule)) continue;
        one.tag_set = row->text(1);
        one.session = row->integer(3) != 0;
        one.lease = Leases{db}.find(LeaseId{row->integer(0)}).value();
        all.push_back(std::move(one));
    }
    return all;
}

bool has_promise(const SharingView& view, JobId job) {
    return std::any_of(view.reservations().begin(), view.reservations().end(),
                       [job](const auto& entry) { return entry.second.job == job && entry.second.usable; });
}

bool would_help(const Running& running, const Waiting& waiting, SharingView& view, WallTime now) {
    if (now - waiting.job.submit_time < running.rule->preemptible->after) return false;
    const auto& device = running.lease.device;
    if (!waiting.device.empty()) return device == waiting.device;
    if (!waiting.only_device.empty() && device != waiting.only_device) return false;
    return !view.reservations().contains(device) && !view.closed_to(waiting.job.submitter, device) &&
           covers(running.tag_set, waiting.job.tag_set) &&
           fits(waiting.run_limit, view.time_left(waiting.job.submitter, device));
}

std::string reason_of(const Waiting& waiting, const SharingView& view, WallTime now) {
    if (!waiting.device.empty())
        return "stopped for the reservation of " + view.reservations().at(waiting.device).user_name;
    const auto waited = std::chrono::duration_cast<std::chrono::seconds>(now - waiting.job.submit_time);
    return "stopped for job " + std::to_string(waiting.job.job.value) + ", which has waited " + format_time(waited);
}

}  // namespace

std::vector<LeaseRow> stop_for_others(Database& db, const std::string& device_type, WallTime now,
                                      const SharingRules& rules) {
    std::vector<LeaseRow> stopped;
    if (!rules.any_preemptible()) return stopped;
    SharingView view{db, rules, device_type, now};
    const auto waiting = waiting_on(db, view);
    if (waiting.empty()) return stopped;
    auto running = interruptible_on(db, view);
    for (const auto& one : waiting) {
        if (running.empty()) break;
        if (one.device.empty() && has_promise(view, one.job.job)) continue;
        auto best = running.end();
        for (auto it = running.begin(); it != running.end(); ++it) {
            if (!would_help(*it, one, view, now)) continue;
            if (best == running.end() ||
                std::pair{it->goes_on(), it->lease.started} > std::pair{best->goes_on(), best->lease.started})
                best = it;
        }
        if (best == running.end()) continue;
        auto lease = best->lease;
        lease.stop_reason = reason_of(one, view, now);
        lease.requeue = best->goes_on();
        running.erase(best);
        Leases{db}.stop(lease.id, lease.fence, lease.stop_reason, lease.requeue);
        if (one.device.empty()) {
            Reservation kept;
            kept.device = lease.device;
            kept.user = one.job.submitter;
            kept.job = one.job.job;
            Reservations{db}.put(kept, now);
        }
        stopped.push_back(std::move(lease));
    }
    return stopped;
}

std::optional<WallTime> next_stop(Database& db, SharingView& view, WallTime now, const SharingRules& rules) {
    std::optional<WallTime> earliest;
    if (!rules.any_preemptible()) return earliest;
    for (const auto& one : waiting_on(db, view)) {
        for (const auto& rule : rules.rules) {
            if (!rule.preemptible) continue;
            const WallTime time = one.job.submit_time + rule.preemptible->after;
            if (time > now) keep_earliest(earliest, time);
        }
    }
    return earliest;
}

}  // namespace patchbay
