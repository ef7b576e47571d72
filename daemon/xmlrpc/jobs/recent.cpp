// SPDX-License-Identifier: Apache-2.0
// What a device or the devices of a type did last.
#include <algorithm>

#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/jobs/job_rows.hpp"
#include "daemon/xmlrpc/jobs/verdict.hpp"
#include "daemon/xmlrpc/lab/find_device.hpp"

namespace patchbay::rpc {
namespace {

config::Map outline(const JobRow& job) {
    config::Map map;
    map.set("id", job.id.value);
    map.set("description", job.description);
    map.set("status", legacy_status(job));
    return map;
}

config::Map outline_with_device(const JobRow& job) {
    auto map = outline(job);
    map.set("device", job.actual_device.value_or(""));
    return map;
}

/// Finished ones: as many as argument 1 says, those of the caller when argument 2 says so.
Query finished(const RpcCall& call, std::string_view filter, std::string value) {
    Query query;
    const auto count = call.number(1, 1);
    if (count < 0) throw Fault{400, "Bad request: count must be 0 or more."};
    query.limit = std::min(count, most_jobs);
    add_condition(query, "state", {static_cast<std::int64_t>(JobState::finished)});
    add_condition(query, filter, {std::move(value)});
    if (call.flag(2)) {
        if (!call.user) throw Fault{401, "Authentication with user and token required for this API."};
        add_condition(query, "submitter", {call.user->id.value});
    }
    return query;
}

}  // namespace

Task<config::Value> recent_jobs_of_device(RpcCall& call) {
    auto query = finished(call, "actual_device", find_device(call).hostname);
    auto item = [](const JobRow& job, Database&) { return outline(job); };
    co_return co_await job_rows(call, std::move(query), item);
}

Task<config::Value> recent_jobs_of_type(RpcCall& call) {
    auto query = finished(call, "requested_device_type", find_device_type(call).name);
    auto item = [](const JobRow& job, Database&) { return outline_with_device(job); };
    co_return co_await job_rows(call, std::move(query), item);
}

}  // namespace patchbay::rpc
