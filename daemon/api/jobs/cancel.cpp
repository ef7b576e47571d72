// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/api_error.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/supervise/supervisor.hpp"

namespace patchbay {

/// A job that is over, or on its way there, is answered like one that was told, whoever asks
/// (lava-server.md section 1.6.10).
Task<Response> cancel_job(Call& call) {
    const auto job = find_job(call);
    if (!call.user) throw permission_denied();
    if (job.state < JobState::canceling) {
        if (!call.user->superuser && call.user->name != job.submitter) throw permission_denied();
        std::string reason = "Canceled by " + call.user->name;
        const auto outcome = co_await call.lab.supervisor.cancel(job.id, std::move(reason));
        if (outcome == CancelOutcome::no_such_job) throw not_found();
    }
    co_return message_answer("Job cancel signal sent.");
}

}  // namespace patchbay
