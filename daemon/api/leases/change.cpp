// SPDX-License-Identifier: Apache-2.0
// A lease becomes longer, or is given back.
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/leases/lease.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/schedule/sharing_view.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/supervisor.hpp"

namespace patchbay {
namespace {

/// The rules that let it begin, for all of its time.
void check_rules(Services& lab, const LeaseOfPerson& lease, std::chrono::seconds time, WallTime ends) {
    const auto rules = lab.scheduler.sharing();
    auto& db = lab.store.reader();
    const auto now = wall_now();
    SharingView view{db, *rules, lease.job.requested_device_type.value_or(""), now};
    const auto submitter = Jobs{db}.submitter(lease.job.id).value_or(UserId{});
    const auto* rule = view.rule_of(submitter);
    if (rule && rule->max_job_time && time > *rule->max_job_time)
        throw field_error("time", "rule '" + rule->name + "' of this lab lets a lease last " +
                                      format_time(*rule->max_job_time) + " at most");
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(ends - now);
    if (const auto refused = view.refused(submitter, left, lease.job.actual_device.value_or("")))
        throw field_error("time", refused->text);
}

}  // namespace

/// `time` more than it has. The rules are asked about the time that it has now; when somebody else was faster they are
/// asked again, so that two who extend at once both get what they are told, or a refusal.
Task<Response> extend_lease(Call& call) {
    find_own_lease(call);
    const Fields fields{call.request};
    const auto more = fields.duration("time");
    if (!more || *more < std::chrono::seconds{1} || *more > longest_lease)
        throw field_error("time", "say how much longer, like 1h; at most 30d");
    for (;;) {
        const auto lease = find_own_lease(call);
        const auto id = lease.job.id;
        const auto now = wall_now();
        if (!lease.session.ends) throw api_error(409, "detail", "The lease has not begun; its time counts from then.");
        const bool over = lease.job.state == JobState::finished || !lease.session.end_reason.empty();
        if (over || *lease.session.ends <= now) throw api_error(409, "detail", "The lease is over.");
        const auto time = lease.session.time + *more;
        if (time > longest_lease) throw field_error("time", "a lease may last 30d at most");
        check_rules(call.lab, lease, time, *lease.session.ends + *more);
        auto change = [id, had = lease.session.time, more = *more, now](Database& db) {
            return Sessions{db}.extend(id, had, more, now);
        };
        const Deed deed{call.user->name, "lease.extend", std::to_string(id.value), format_time(*more)};
        const bool changed = co_await write_audited(call.lab.store, deed, std::move(change));
        if (!changed) continue;
        call.lab.supervisor.session_end_changed(id);
        co_return lease_answer(200, call.lab, id);
    }
}

Task<Response> release_lease(Call& call) {
    const auto lease = find_own_lease(call);
    const auto id = lease.job.id;
    const auto reason = "released by " + call.user->name;
    auto change = [id, reason](Database& db) { return Sessions{db}.end(id, reason, wall_now()); };
    const Deed deed{call.user->name, "lease.release", std::to_string(id.value), lease.job.actual_device.value_or("")};
    co_await write_audited(call.lab.store, deed, std::move(change));
    call.lab.supervisor.session_end_changed(id);
    // In the queue it has no runner that would end it.
    const auto now = Jobs{call.lab.store.reader()}.status(id);
    if (now && now->state == JobState::submitted) {
        auto canceled = "Released by " + call.user->name;
        co_await call.lab.supervisor.cancel(id, std::move(canceled));
    }
    co_return message_answer("Lease released.");
}

}  // namespace patchbay
