// SPDX-License-Identifier: Apache-2.0
// One job. lavacli reads the keys of jobs.show without looking whether they are there.
#include "daemon/api/jobs/shown_definitions.hpp"
#include "daemon/store/groups.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"
#include "daemon/xmlrpc/codec.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/jobs/find_job.hpp"
#include "daemon/xmlrpc/jobs/verdict.hpp"
#include "daemon/xmlrpc/tag_names.hpp"

namespace patchbay::rpc {
namespace {

void set_times(config::Map& map, const JobRow& job) {
    map.set("submit_time", rpc_time(job.submit_time));
    map.set("start_time", rpc_time(job.start_time));
    map.set("end_time", rpc_time(job.end_time));
}

config::Value one_word(const JobRow& job, std::string_view key, std::string_view word) {
    config::Map map;
    map.set("job_id", job.id.value);
    map.set(std::string{key}, word);
    if (!job.sub_id.empty()) map.set("sub_id", job.sub_id);
    return map;
}

/// LAVA names the group of a personal job, too: it has the submitter's name.
std::string visibility_words(const JobRow& job, Database& db) {
    if (job.visibility == Visibility::everyone) return "Public";
    if (job.visibility == Visibility::personal) return "Personal";
    std::string names;
    for (const auto id : job.viewing_groups) {
        if (const auto group = Groups{db}.find(id)) names += (names.empty() ? "" : ", ") + group->name;
    }
    return "Group (" + names + ")";
}

}  // namespace

Task<config::Value> jobs_show(RpcCall& call) {
    const auto job = find_job(call);
    auto& db = call.lab.store.reader();
    config::Map map;
    map.set("id", shown_id(job));
    map.set("description", job.description);
    map.set("device", or_nil(job.actual_device));
    map.set("device_type", or_nil(job.requested_device_type));
    map.set("health_check", job.health_check);
    map.set("pipeline", true);
    map.set("health", to_string(job.health));
    map.set("state", to_string(job.state));
    map.set("submitter", job.submitter);
    set_times(map, job);
    map.set("tags", tag_names(job.tags, db));
    map.set("visibility", visibility_words(job, db));
    map.set("failure_comment", or_nil(job.failure_comment));
    set_error(map, job, db);
    co_return map;
}

/// The text as it was submitted, of the whole job.
Task<config::Value> jobs_definition(RpcCall& call) {
    const auto job = find_job(call);
    const auto shown = co_await shown_definitions(call.lab, job, call.user);
    co_return shown.multinode_definition.empty() ? shown.original_definition : shown.multinode_definition;
}

Task<config::Value> job_state(RpcCall& call) {
    const auto job = find_job(call);
    co_return one_word(job, "job_state", to_string(job.state));
}

Task<config::Value> job_health(RpcCall& call) {
    const auto job = find_job(call);
    co_return one_word(job, "job_health", to_string(job.health));
}

/// Gone from LAVA, asked for by old clients.
Task<config::Value> job_status(RpcCall& call) {
    const auto job = find_job(call);
    auto map = *one_word(job, "job_status", legacy_status(job)).as_map();
    map.set("bundle_sha1", "");
    co_return map;
}

/// LAVA shows its whole object, with the submitter's password hash; here are the fields that clients can use.
Task<config::Value> job_details(RpcCall& call) {
    const auto job = find_job(call);
    auto& db = call.lab.store.reader();
    const auto shown = co_await shown_definitions(call.lab, job, call.user);
    config::Map map;
    map.set("id", job.id.value);
    map.set("sub_id", job.sub_id);
    map.set("is_public", job.visibility == Visibility::everyone);
    map.set("target_group", or_nil(job.target_group));
    map.set("submitter_id", Jobs{db}.submitter(job.id).value_or(UserId{}).value);
    map.set("submitter_username", job.submitter);
    map.set("description", job.description);
    map.set("health_check", job.health_check);
    map.set("requested_device_type_id", or_nil(job.requested_device_type));
    map.set("actual_device_id", or_nil(job.actual_device));
    set_times(map, job);
    map.set("state", to_string(job.state));
    map.set("health", to_string(job.health));
    map.set("status", legacy_status(job));
    map.set("priority", job.priority);
    map.set("definition", shown.definition);
    map.set("original_definition", shown.original_definition);
    map.set("multinode_definition", shown.multinode_definition);
    map.set("failure_comment", or_nil(job.failure_comment));
    set_error(map, job, db);
    map.set("absolute_url", "/scheduler/job/" + job.display_id());
    map.set("is_pipeline", true);
    map.set("pipeline_compatibility", 0);
    co_return map;
}

}  // namespace patchbay::rpc
