// SPDX-License-Identifier: Apache-2.0
#include "core/worker.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/jobs/job_json.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/schedule/queue_limits.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

Task<Response> submit(Call& call, std::string text) {
    const auto id = co_await submit_definition(call.lab, call.user->id, std::move(text));
    JsonWriter json;
    json.begin_object().member("message", "job(s) successfully submitted");
    json.key("job_ids").begin_array().value(id).end_array().end_object();
    co_return json_answer(201, json.take());
}

}  // namespace

Task<JobId> submit_definition(Services& lab, UserId submitter, std::string text) {
    auto check = [text = std::move(text)]() mutable { return check_definition(std::move(text)); };
    auto checked = co_await on_worker(lab.checkers, std::move(check));
    auto job = make_job(std::move(checked), submitter, lab.store.reader(), lab.settings);
    try {
        co_return co_await lab.scheduler.submit(std::move(job), lab.settings.queue_limits);
    } catch (const QueueFull& full) {
        throw SubmissionRefused{SubmissionRefused::Reason::queue_full, full.what()};
    }
}

Task<Response> submit_job(Call& call) {
    const Fields fields{call.request};
    auto text = fields.required_text("definition");
    co_return co_await submit(call, std::move(text));
}

/// The dumped definition becomes the new job's original, as in LAVA; without the secrets of somebody else.
Task<Response> resubmit_job(Call& call) {
    auto text = shown_definitions(find_job(call), call.user).definition;
    co_return co_await submit(call, std::move(text));
}

}  // namespace patchbay
