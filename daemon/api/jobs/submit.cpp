// SPDX-License-Identifier: Apache-2.0
#include <variant>

#include "core/worker.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/jobs/shown_definitions.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/api/portable/submission.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/schedule/queue_limits.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/portable_jobs.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/users.hpp"
#include "jobs/definition/multinode.hpp"

namespace patchbay {
namespace {

using Checked = std::variant<CheckedDefinition, CheckedGroup, PortableSubmission>;

Checked read_checked(std::string text) {
    if (auto portable = read_portable_submission(text)) return std::move(*portable);
    auto checked = check_definition(std::move(text));
    if (is_multinode(checked.document)) return split_definition(std::move(checked));
    return checked;
}

Response answer_of(const SubmittedJob& submitted) {
    JsonWriter json;
    json.begin_object().member("message", "job(s) successfully submitted").key("job_ids").begin_array();
    if (submitted.sub_ids.empty() && submitted.jobs.empty()) json.value(submitted.job);
    for (const auto& id : submitted.sub_ids) json.value(id);
    for (const auto id : submitted.jobs) json.value(id);
    json.end_array();
    if (submitted.portable_job != 0) json.member("portable_job", submitted.portable_job);
    json.end_object();
    return json_answer(201, json.take());
}

}  // namespace

Task<SubmittedJob> submit_definition(Services& lab, UserId submitter, std::string text,
                                     std::function<void(Database&, JobId)> also) {
    auto check = [text = std::move(text)]() mutable { return read_checked(std::move(text)); };
    auto checked = co_await on_worker(lab.checkers, std::move(check));
    SubmittedJob submitted;
    try {
        if (auto* whole = std::get_if<CheckedGroup>(&checked)) {
            auto group = make_group(std::move(*whole), submitter, lab.store.reader(), lab.settings);
            const auto parts = co_await lab.scheduler.submit_group(std::move(group), lab.settings.queue_limits);
            for (const auto& part : parts) submitted.sub_ids.push_back(part.sub_id);
            submitted.job = parts.front().job;
        } else if (auto* portable = std::get_if<PortableSubmission>(&checked)) {
            submitted = co_await submit_portable(lab, *Users{lab.store.reader()}.find(submitter), std::move(*portable));
        } else {
            auto& single = std::get<CheckedDefinition>(checked);
            auto job = make_job(std::move(single), submitter, lab.store.reader(), lab.settings);
            submitted.job = co_await lab.scheduler.submit(std::move(job), lab.settings.queue_limits, std::move(also));
        }
    } catch (const QueueFull& full) {
        throw SubmissionRefused{SubmissionRefused::Reason::queue_full, full.what()};
    }
    co_return submitted;
}

Task<SubmittedJob> resubmit(Services& lab, JobRow job, UserRow user) {
    const std::optional<UserRow> reader{user};
    auto text = co_await text_to_resubmit(lab, job, reader);
    std::function<void(Database&, JobId)> also;
    if (may_see_secrets(job, reader))
        also = [first = job.id](Database& db, JobId again) { PortableJobs{db}.add_attempt(again, first); };
    auto submitted = co_await submit_definition(lab, user.id, std::move(text), std::move(also));
    submitted.portable_job = PortableJobs{lab.store.reader()}.of(submitted.job).value_or(0);
    co_return submitted;
}

Task<Response> submit_job(Call& call) {
    const Fields fields{call.request};
    auto text = fields.required_text("definition");
    const auto submitted = co_await submit_definition(call.lab, call.user->id, std::move(text));
    co_return answer_of(submitted);
}

Task<Response> resubmit_job(Call& call) {
    auto job = find_job(call);
    const auto submitted = co_await resubmit(call.lab, std::move(job), *call.user);
    co_return answer_of(submitted);
}

}  // namespace patchbay
