// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/clock.hpp"
#include "daemon/api/words.hpp"
#include "daemon/store/job_duration.hpp"
#include "daemon/xmlrpc/fault.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/jobs/job_rows.hpp"
#include "daemon/xmlrpc/jobs/verdict.hpp"

namespace patchbay::rpc {
namespace {

constexpr std::int64_t largest_page = 100;
// A year; larger numbers would overflow somewhere.
constexpr std::int64_t most_minutes = 366 * 24 * 60;

/// Newest first.
Query page(const RpcCall& call, std::size_t start, std::size_t limit) {
    Query query;
    query.offset = std::max<std::int64_t>(call.number(start, 0), 0);
    query.limit = std::clamp<std::int64_t>(call.number(limit, 25), 0, largest_page);
    return query;
}

/// What all lists say of a job first; `type`: how this one calls its device type.
config::Map named(const JobRow& job, std::string_view type) {
    config::Map map;
    map.set("id", shown_id(job));
    map.set("description", job.description);
    map.set(std::string{type}, or_nil(job.requested_device_type));
    return map;
}

config::Map outline(const JobRow& job) {
    auto map = named(job, "device_type");
    map.set("health", to_string(job.health));
    map.set("state", to_string(job.state));
    map.set("submitter", job.submitter);
    return map;
}

config::Map queued(const JobRow& job) {
    auto map = named(job, "requested_device_type");
    map.set("submitter", job.submitter);
    return map;
}

config::Value printed_time(const std::optional<WallTime>& time) {
    return time ? config::Value{format_zoned_time(*time)} : config::Value{};
}

config::Map verbose_outline(const JobRow& job, Database& db) {
    auto map = outline(job);
    map.set("actual_device", or_nil(job.actual_device));
    map.set("start_time", printed_time(job.start_time));
    map.set("end_time", printed_time(job.end_time));
    set_error(map, job, db);
    return map;
}

/// Everything of LAVA's six columns that is no object of its own.
config::List old_outline(const JobRow& job) {
    config::List row{job.id.value, job.description, lower_case(legacy_status(job))};
    row.push_back(or_nil(job.actual_device));
    row.push_back(or_nil(job.requested_device_type));
    row.emplace_back(job.sub_id);
    return row;
}

}  // namespace

Task<config::Value> jobs_list(RpcCall& call) {
    auto query = page(call, 2, 3);
    if (const auto word = call.maybe_text(0)) {
        const auto state = number_of_word(*word, JobState::finished, Case::ignored);
        if (!state) throw Fault{400, "Invalid state '" + *word + "'"};
        add_condition(query, "state", {*state});
    }
    if (const auto word = call.maybe_text(1)) {
        const auto health = number_of_word(*word, JobHealth::canceled, Case::ignored);
        if (!health) throw Fault{400, "Invalid health '" + *word + "'"};
        add_condition(query, "health", {*health});
    }
    if (const auto minutes = call.number(4, 0); minutes > 0) {
        const auto since = wall_now() - std::chrono::minutes{std::min(minutes, most_minutes)};
        add_condition(query, "end_time__gt", {since.time_since_epoch().count()});
    }
    if (const auto minutes = call.number(6, 0); minutes > 0) {
        const std::chrono::microseconds least = std::chrono::minutes{std::min(minutes, most_minutes)};
        query.conditions.push_back({&job_duration(), Lookup::gte, {least.count()}, false, {}});
    }
    const bool verbose = call.flag(5);
    auto item = [verbose](const JobRow& job, Database& db) {
        return verbose ? verbose_outline(job, db) : outline(job);
    };
    co_return co_await job_rows(call, std::move(query), item);
}

Task<config::Value> jobs_queue(RpcCall& call) {
    auto query = page(call, 1, 2);
    add_condition(query, "state", {static_cast<std::int64_t>(JobState::submitted)});
    if (const auto types = call.texts(0, "device type list")) {
        add_condition(query, "requested_device_type__in", {types->begin(), types->end()});
    }
    auto item = [](const JobRow& job, Database&) { return queued(job); };
    co_return co_await job_rows(call, std::move(query), item);
}

/// Those that are not finished.
Task<config::Value> all_jobs(RpcCall& call) {
    Query query;
    query.limit = most_jobs;
    add_condition(query, "state!", {static_cast<std::int64_t>(JobState::finished)});
    auto item = [](const JobRow& job, Database&) { return old_outline(job); };
    co_return co_await job_rows(call, std::move(query), item);
}

}  // namespace patchbay::rpc
