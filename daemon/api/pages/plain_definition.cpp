// SPDX-License-Identifier: Apache-2.0
// The files of a job at the addresses of LAVA's pages (lava_scheduler_app/urls.py), which scripts fetch. Names and
// tokens in the query are not looked at: what is public is given, the rest is not there.
#include "daemon/api/handlers.hpp"
#include "daemon/api/jobs/shown_definitions.hpp"
#include "daemon/api/respond.hpp"

namespace patchbay {

/// As it was submitted.
Task<Response> plain_definition(Call& call) {
    const auto job = find_job(call);
    auto shown = co_await shown_definitions(call.lab, job, call.user);
    co_return file_answer("text/plain", "job_" + std::to_string(job.id.value) + ".yaml",
                          std::move(shown.original_definition));
}

}  // namespace patchbay
