// SPDX-License-Identifier: Apache-2.0
// PUT, PATCH and DELETE of a job, for superusers (lava_rest_app/v02/views.py).
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/jobs/cancel.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/old_jobs.hpp"

namespace patchbay {

/// LAVA writes another definition under the results of this one. Its other fields are read-only, and ignored here, too.
Task<Response> update_job(Call& call) {
    const auto job = find_job(call);
    const Fields fields{call.request};
    if (call.request.method == Method::put) fields.required_text("definition");
    const auto definition = fields.text("definition");
    if (definition && *definition != job.definition)
        throw field_error("definition", "A job stays as it was submitted: submit this definition as a new job.");
    co_return co_await show_job(call);
}

/// One that waits is canceled first, as LAVA does; one that has a device is refused, as nobody would look after that.
Task<Response> delete_job(Call& call) {
    const auto job = find_job(call);
    if (job.state == JobState::submitted) co_await cancel_for(call.lab, job, call.user);
    Deed deed{call.user->name, "job.delete", std::to_string(job.id.value), job.description};
    auto remove = [id = job.id](Database& db) { return OldJobs{db}.remove(id); };
    if (!co_await write_audited(call.lab.store, std::move(deed), std::move(remove))) throw not_found();
    co_return no_content();
}

}  // namespace patchbay
