// SPDX-License-Identifier: Apache-2.0
// The results of a job, as texts that clients parse once more. All of it is read on a worker, like the REST exports.
#include "daemon/store/results.hpp"
#include "daemon/api/exports/exports.hpp"
#include "daemon/api/jobs/job_json.hpp"
#include "daemon/store/store.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/jobs/find_job.hpp"

namespace patchbay::rpc {
namespace {

using Export = std::string (*)(const std::vector<CaseRow>&, JobId);
using ExportSuites = std::string (*)(const std::vector<SuiteRow>&);

SuiteRow find_suite(const RpcCall& call, JobId job) {
    auto suite = Results{call.lab.store.reader()}.suite(job, call.text(1));
    if (!suite) throw Fault{404, "Specified test suite not found."};
    return std::move(*suite);
}

/// 0 for a missing one.
std::int64_t part(const RpcCall& call, std::size_t index) {
    const auto number = call.number(index, 0);
    if (number < 0) throw Fault{400, "Bad request: argument " + std::to_string(index + 1) + " must be 0 or more."};
    return number;
}

Query all() {
    Query query;
    query.limit = -1;
    return query;
}

/// `read` gets the rows.
template <class Read>
Task<config::Value> export_rows(RpcCall& call, JobId job, Export format, Read read) {
    auto work = [job, format, read = std::move(read)](Database& db) {
        Results results{db};
        return format(read(results), job);
    };
    co_return co_await call.lab.store.read_on_worker(std::move(work));
}

Task<config::Value> of_job(RpcCall& call, Export format) {
    const auto job = find_job_of_results(call).id;
    auto read = [job](Results& results) { return results.export_rows(job, std::nullopt); };
    co_return co_await export_rows(call, job, format, std::move(read));
}

Task<config::Value> of_suite(RpcCall& call, Export format) {
    const auto job = find_job_of_results(call).id;
    const auto suite = find_suite(call, job).id;
    const auto limit = part(call, 2);
    const auto offset = part(call, 3);
    auto read = [=](Results& results) { return results.export_rows(job, suite, limit, offset); };
    co_return co_await export_rows(call, job, format, std::move(read));
}

/// All cases of this name, perhaps none.
Task<config::Value> of_case(RpcCall& call, Export format) {
    const auto job = find_job_of_results(call).id;
    const auto suite = find_suite(call, job).id;
    auto query = all();
    query.conditions.push_back(
        {find_filter(QueryList::tests, "name")->field, Lookup::exact, {call.text(2)}, false, {}});
    auto read = [job, suite, query](Results& results) { return results.tests(job, suite, query); };
    co_return co_await export_rows(call, job, format, std::move(read));
}

Task<config::Value> suites_of_job(RpcCall& call, ExportSuites format) {
    const auto job = find_job_of_results(call).id;
    co_return format(Results{call.lab.store.reader()}.suites(job, all()));
}

}  // namespace

Task<config::Value> testjob_results_yaml(RpcCall& call) { co_return co_await of_job(call, export_yaml); }
Task<config::Value> testjob_results_csv(RpcCall& call) { co_return co_await of_job(call, export_csv); }
Task<config::Value> testsuite_results_yaml(RpcCall& call) { co_return co_await of_suite(call, export_yaml); }
Task<config::Value> testsuite_results_csv(RpcCall& call) { co_return co_await of_suite(call, export_csv); }
Task<config::Value> testcase_results_yaml(RpcCall& call) { co_return co_await of_case(call, export_yaml); }
Task<config::Value> testcase_results_csv(RpcCall& call) { co_return co_await of_case(call, export_csv); }
Task<config::Value> testjob_suites_yaml(RpcCall& call) { co_return co_await suites_of_job(call, export_suites_yaml); }
Task<config::Value> testjob_suites_csv(RpcCall& call) { co_return co_await suites_of_job(call, export_suites_csv); }

Task<config::Value> testsuite_results_count(RpcCall& call) {
    const auto job = find_job_of_results(call).id;
    const auto suite = find_suite(call, job).id;
    co_return Results{call.lab.store.reader()}.count_tests(job, suite, all());
}

/// One struct of one member for each key.
Task<config::Value> testjob_metadata(RpcCall& call) {
    const auto job = find_job_of_results(call);
    config::List list;
    for (auto& [key, value] : shown_metadata(job)) {
        config::Map map;
        map.set(key, value);
        list.emplace_back(std::move(map));
    }
    co_return list;
}

}  // namespace patchbay::rpc
