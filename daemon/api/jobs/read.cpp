// SPDX-License-Identifier: Apache-2.0
// Jobs as lists and one by one.
#include "daemon/api/read.hpp"
#include "core/config/yaml.hpp"
#include "daemon/api/filters.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/jobs/job_json.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/jobs.hpp"

namespace patchbay {

Task<Response> list_jobs(Call& call) {
    const auto query = read_query(call.request, QueryList::jobs, call.lab.store.reader());
    auto page = [&call, query](Database& db) {
        Jobs jobs{db};
        const auto viewer = call.viewer();
        JsonWriter json;
        begin_page(json, call.request, query, jobs.count(query, viewer));
        for (const auto& job : jobs.list(query, viewer)) write_job(json, job, call.user);
        end_page(json);
        return json.take();
    };
    const auto cost = Jobs::is_cheap(query) ? Cost::point : Cost::scan;
    co_return json_answer(200, co_await read_store(call.lab, cost, std::move(page)));
}

Task<Response> show_job(Call& call) {
    const auto job = find_job(call);
    JsonWriter json;
    write_job(json, job, call.user);
    co_return json_answer(200, json.take());
}

/// The definition as one JSON string; SQUAD asks for it.
Task<Response> show_definition(Call& call) {
    const auto job = find_job(call);
    std::string body;
    append_json_string(body, shown_definitions(job, call.user).definition);
    co_return json_answer(200, std::move(body));
}

/// {"metadata":[{"build":"42"}]}: containers in Python's notation.
Task<Response> show_metadata(Call& call) {
    const auto job = find_job(call);
    const auto metadata = config::parse_json(job.metadata.empty() ? "{}" : job.metadata);
    JsonWriter json;
    json.begin_object().key("metadata").begin_array();
    if (const auto* map = metadata.as_map()) {
        for (const auto& [key, value] : *map) {
            json.begin_object().member(config::python_str(key), config::python_str(value)).end_object();
        }
    }
    json.end_array().end_object();
    co_return json_answer(200, json.take());
}

}  // namespace patchbay
