// SPDX-License-Identifier: Apache-2.0
// Results at the addresses of LAVA's pages (lava_results_app/urls.py), which scripts fetch.
#include <algorithm>

#include "core/config/yaml.hpp"
#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/exports/exports.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/jobs/job_json.hpp"
#include "daemon/api/read.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/results.hpp"

namespace patchbay {
namespace {

using Export = std::string (*)(const std::vector<CaseRow>&, JobId);

std::int64_t part(const Request& request, std::string_view name) {
    const auto* text = request.query_value(name);
    return text ? std::max<std::int64_t>(whole_number(*text).value_or(0), 0) : 0;
}

/// These name their files in quotes.
Response page_file(const std::string& type, const std::string& name, std::string body) {
    return file_answer(type, '"' + name + '"', std::move(body));
}

SuiteRow find_suite(const Call& call, JobId job) {
    auto suite = Results{call.lab.store.reader()}.suite(job, call.path_values.at(1));
    if (!suite) throw not_found();
    return std::move(*suite);
}

Task<Response> export_page(Call& call, JobId job, std::optional<SuiteId> suite, Export format, std::string type,
                           std::string name) {
    auto work = [job, suite, format, limit = part(call.request, "limit"), offset = part(call.request, "offset")](
                    Database& db) { return format(Results{db}.export_rows(job, suite, limit, offset), job); };
    auto text = co_await call.lab.store.read_on_worker(std::move(work));
    co_return page_file(type, name, std::move(text));
}

std::string file_of(JobId job) { return "lava_" + std::to_string(job.value); }

}  // namespace

Task<Response> results_csv_page(Call& call) {
    const auto job = find_job(call).id;
    co_return co_await export_page(call, job, std::nullopt, export_csv, "text/csv", file_of(job) + ".csv");
}

Task<Response> results_yaml_page(Call& call) {
    const auto job = find_job(call).id;
    co_return co_await export_page(call, job, std::nullopt, export_yaml, "text/yaml", file_of(job) + ".yaml");
}

/// The suites.
Task<Response> results_summary_page(Call& call) {
    const auto job = find_job(call).id;
    Query all;
    all.limit = -1;
    const auto suites = Results{call.lab.store.reader()}.suites(job, all);
    co_return page_file("text/yaml", file_of(job) + "_summary.yaml", export_suites_yaml(suites));
}

Task<Response> results_metadata_page(Call& call) {
    const auto job = find_job(call);
    config::Map map;
    for (auto& [key, value] : shown_metadata(job)) map.set(key, value);
    co_return page_file("text/yaml", "lava_metadata_" + std::to_string(job.id.value) + ".yaml", config::dump_yaml(map));
}

Task<Response> suite_csv_page(Call& call) {
    const auto job = find_job(call).id;
    const auto suite = find_suite(call, job);
    co_return co_await export_page(call, job, suite.id, export_csv, "text/csv", "lava_" + suite.name + ".csv");
}

Task<Response> suite_yaml_page(Call& call) {
    const auto job = find_job(call).id;
    const auto suite = find_suite(call, job);
    co_return co_await export_page(call, job, suite.id, export_yaml, "text/yaml", "lava_" + suite.name + ".yaml");
}

Task<Response> suite_count_page(Call& call) {
    const auto job = find_job(call).id;
    Query all;
    all.limit = -1;
    const auto count = Results{call.lab.store.reader()}.count_tests(job, find_suite(call, job).id, all);
    Response response;
    response.content_type = "text/plain";
    response.body = std::to_string(count);
    co_return response;
}

}  // namespace patchbay
