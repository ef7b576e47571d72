// SPDX-License-Identifier: Apache-2.0
// The attempts of a job: where and when each ran, and the results of those that another has followed.
#include "daemon/api/handlers.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/api/read.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/results.hpp"

namespace patchbay {
namespace {

// Of one attempt.
constexpr std::int64_t most_results = 10'000;

void write_attempt(JsonWriter& json, const LeaseRow& lease, Database& db) {
    json.begin_object().member("attempt", lease.attempt).member("device", lease.device);
    json.member("started", lease.started).member("ended", lease.ended).key("stopped");
    if (lease.stop_reason.empty())
        json.value(nullptr);
    else
        json.value(lease.stop_reason);
    json.key("results").begin_array();
    for (const auto& result : Results{db}.past(lease.job, lease.attempt, most_results)) {
        json.begin_object().member("suite", result.suite_name).member("set", result.set_name);
        json.member("name", result.name).member("result", to_string(result.result));
        json.member("measurement", result.measurement).member("unit", result.units);
        json.member("start_log_line", result.start_log_line).member("end_log_line", result.end_log_line).end_object();
    }
    json.end_array().end_object();
}

}  // namespace

/// `results` of the last attempt are empty: those are the job's, and in its suites.
Task<Response> list_attempts(Call& call) {
    const auto job = find_job(call);
    auto read = [id = job.id](Database& db) {
        JsonWriter json;
        const auto attempts = Leases{db}.attempts(id);
        json.begin_object().member("count", static_cast<std::int64_t>(attempts.size())).key("results").begin_array();
        for (const auto& lease : attempts) write_attempt(json, lease, db);
        json.end_array().end_object();
        return json.take();
    };
    auto text = co_await read_store(call.lab, Cost::scan, std::move(read));
    co_return json_answer(200, std::move(text));
}

}  // namespace patchbay
