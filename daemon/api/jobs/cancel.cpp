// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/jobs/cancel.hpp"

#include "daemon/api/api_error.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/rights.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/supervisor.hpp"

namespace patchbay {

Task<CancelAnswer> cancel_for(Services& lab, const JobRow& job, const std::optional<UserRow>& user) {
    if (!user) co_return CancelAnswer::forbidden;
    if (job.state >= JobState::canceling) co_return CancelAnswer::told;
    if (!Rights{lab.store.reader(), user}.change_job(job)) co_return CancelAnswer::forbidden;
    std::string reason = "Canceled by " + user->name;
    Deed deed{user->name, "job.cancel", std::to_string(job.id.value), ""};
    const auto outcome = co_await lab.supervisor.cancel(job.id, std::move(reason), std::move(deed));
    co_return outcome == CancelOutcome::no_such_job ? CancelAnswer::gone : CancelAnswer::told;
}

Task<Response> cancel_job(Call& call) {
    const auto job = find_job(call);
    const auto answer = co_await cancel_for(call.lab, job, call.user);
    if (answer == CancelAnswer::forbidden) throw permission_denied();
    if (answer == CancelAnswer::gone) throw not_found();
    co_return message_answer("Job cancel signal sent.");
}

/// Of a job whose worker does not come back (lava_scheduler_app/views.py, job_fail).
Task<Response> give_up_job(Call& call) {
    const auto job = find_job(call);
    const bool given_up = co_await call.lab.supervisor.give_up(job.id, call.user->name);
    if (!given_up)
        throw api_error(400, "detail",
                        "Only a job that is Canceling at a worker that does not end it is given up; this one is " +
                            std::string{to_string(job.state)} + ".");
    co_return message_answer("Job given up.");
}

}  // namespace patchbay
