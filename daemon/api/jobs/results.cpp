// SPDX-License-Identifier: Apache-2.0
// Suites and tests of a job.
#include "daemon/store/results.hpp"

#include "core/config/yaml.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/filters.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/api/read.hpp"
#include "daemon/api/respond.hpp"

namespace patchbay {
namespace {

std::string suite_url(const Request& request, JobId job, SuiteId suite) {
    return request.base_url + "/api/v0.2/jobs/" + std::to_string(job.value) + "/suites/" + std::to_string(suite.value) +
           "/";
}

void write_suite(JsonWriter& json, const Request& request, const SuiteRow& suite) {
    json.begin_object().member("id", suite.id).member("resource_uri", suite_url(request, suite.job, suite.id));
    json.member("name", suite.name).member("job", suite.job).end_object();
}

/// LAVA puts the path of a file there; a name is enough to say that `extra` exists (the exports have its content).
std::string with_extra(const CaseRow& test) {
    try {
        auto metadata = config::parse_yaml(test.metadata);
        auto* map = metadata.as_map();
        if (!map) return test.metadata;
        map->set("extra", config::Value{test.suite_name + "-" + test.name + "-" + std::to_string(test.id.value)});
        return config::dump_yaml(metadata, config::KeyOrder::sorted);
    } catch (const config::YamlError&) {
        return test.metadata;
    }
}

void write_test(JsonWriter& json, const Request& request, JobId job, const CaseRow& test) {
    json.begin_object().member("id", test.id).member("result", to_string(test.result));
    json.member("resource_uri", suite_url(request, job, test.suite) + "tests/" + std::to_string(test.id.value) + "/");
    json.member("unit", test.units).member("name", test.name).member("measurement", test.measurement);
    if (test.metadata.empty()) {
        json.member("metadata", nullptr);
    } else {
        json.member("metadata", test.extra.empty() ? test.metadata : with_extra(test));
    }
    json.member("start_log_line", test.start_log_line).member("end_log_line", test.end_log_line);
    json.member("logged", test.logged).member("suite", test.suite).member("test_set", test.set).end_object();
}

SuiteRow find_suite(const Call& call, JobId job) {
    auto suite = Results{call.lab.store.reader()}.suite(job, SuiteId{path_number(call, 1)});
    if (!suite) throw not_found();
    return std::move(*suite);
}

/// A page near the start of a job's results, in the order they are stored in. A job may have 100 000 of them.
Cost cost_of(const Query& query) {
    return query.conditions.empty() && query.is_near_start() && query.limit <= 100 ? Cost::point : Cost::scan;
}

Task<Response> tests_page(Call& call, JobId job, std::optional<SuiteId> suite) {
    const auto query = read_query(call.request, QueryList::tests, call.lab.store.reader());
    auto page = [&call, query, job, suite](Database& db) {
        Results results{db};
        JsonWriter json;
        begin_page(json, call.request, query, results.count_tests(job, suite, query));
        for (const auto& test : results.tests(job, suite, query)) write_test(json, call.request, job, test);
        end_page(json);
        return json.take();
    };
    co_return json_answer(200, co_await read_store(call.lab, cost_of(query), std::move(page)));
}

Response one_test(const Call& call, JobId job, std::optional<SuiteId> suite, CaseId id) {
    const auto test = Results{call.lab.store.reader()}.test(job, id);
    if (!test || (suite && test->suite != *suite)) throw not_found();
    JsonWriter json;
    write_test(json, call.request, job, *test);
    return json_answer(200, json.take());
}

}  // namespace

Task<Response> list_suites(Call& call) {
    const auto job = find_job(call);
    const auto query = read_query(call.request, QueryList::suites, call.lab.store.reader());
    Results results{call.lab.store.reader()};
    JsonWriter json;
    begin_page(json, call.request, query, results.count_suites(job.id, query));
    for (const auto& suite : results.suites(job.id, query)) write_suite(json, call.request, suite);
    end_page(json);
    co_return json_answer(200, json.take());
}

Task<Response> show_suite(Call& call) {
    const auto job = find_job(call);
    JsonWriter json;
    write_suite(json, call.request, find_suite(call, job.id));
    co_return json_answer(200, json.take());
}

Task<Response> list_tests(Call& call) {
    const auto job = find_job(call);
    co_return co_await tests_page(call, job.id, std::nullopt);
}

Task<Response> list_suite_tests(Call& call) {
    const auto job = find_job(call);
    const auto suite = find_suite(call, job.id);
    co_return co_await tests_page(call, job.id, suite.id);
}

Task<Response> show_test(Call& call) {
    const auto job = find_job(call);
    co_return one_test(call, job.id, std::nullopt, CaseId{path_number(call, 1)});
}

Task<Response> show_suite_test(Call& call) {
    const auto job = find_job(call);
    const auto suite = find_suite(call, job.id);
    co_return one_test(call, job.id, suite.id, CaseId{path_number(call, 2)});
}

}  // namespace patchbay
