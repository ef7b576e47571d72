// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/jobs/cancel.hpp"
#include "daemon/api/jobs/open_door.hpp"
#include "daemon/api/jobs/submission.hpp"
#include "daemon/store/store.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/jobs/find_job.hpp"
#include "jobs/definition/judgement.hpp"
#include "jobs/definition/submission.hpp"

namespace patchbay::rpc {
namespace {

/// A number, or of a multinode job the list of its sub ids.
config::Value ids_of(const SubmittedJob& submitted) {
    if (!submitted.jobs.empty()) {
        config::List ids;
        for (const auto job : submitted.jobs) ids.push_back(job.value);
        return ids;
    }
    if (submitted.sub_ids.empty()) return submitted.job.value;
    return config::List{submitted.sub_ids.begin(), submitted.sub_ids.end()};
}

}  // namespace

Task<config::Value> jobs_submit(RpcCall& call) {
    auto text = call.text(0);
    co_return ids_of(co_await submit_definition(call.lab, call.user->id, std::move(text)));
}

Task<config::Value> jobs_resubmit(RpcCall& call) {
    auto job = find_job(call);
    co_return ids_of(co_await resubmit(call.lab, std::move(job), *call.user));
}

Task<config::Value> jobs_cancel(RpcCall& call) {
    const auto job = find_job(call);
    const auto answer = co_await cancel_for(call.lab, job, call.user);
    if (answer == CancelAnswer::forbidden) throw Fault{403, "Permission denied."};
    if (answer == CancelAnswer::gone) throw Fault{404, "Job '" + call.text(0) + "' was not found."};
    co_return true;
}

/// {} for a good job.
Task<config::Value> jobs_validate(RpcCall& call) {
    const auto schema = call.flag(1) ? JobSchema::strict : JobSchema::full;
    auto work = [text = call.text(0), schema](Database&) { return judge_job(text, schema, open_door_limits); };
    const auto problem = co_await call.lab.store.read_on_worker(std::move(work));
    config::Map map;
    if (problem) {
        map.set("path", problem->path.as_list());
        map.set("msg", problem->message);
    }
    co_return map;
}

/// What the gate of a submission says; nil for a good job.
Task<config::Value> validate_yaml(RpcCall& call) {
    auto work = [text = call.text(0)](Database&) -> std::string {
        config::Value job;
        try {
            job = config::parse_yaml(text, open_door_limits);
        } catch (const config::YamlError& error) {
            return "Decoding job submission failed: " + error.python_text + ".";
        }
        const auto problem = submission_problem(job);
        return problem ? "Invalid YAML submission: " + problem->message : "";
    };
    const auto problem = co_await call.lab.store.read_on_worker(std::move(work));
    if (!problem.empty()) throw Fault{400, problem};
    co_return config::Value{};
}

}  // namespace patchbay::rpc
