// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every handler of the table in methods.cpp, by the file it is in.

#include "core/task.hpp"
#include "daemon/xmlrpc/rpc_call.hpp"

namespace patchbay::rpc {

// system.cpp
Task<config::Value> api_version(RpcCall& call);
Task<config::Value> get_capabilities(RpcCall& call);
Task<config::Value> master_config(RpcCall& call);
Task<config::Value> version(RpcCall& call);
Task<config::Value> whoami(RpcCall& call);
// jobs/submit.cpp
Task<config::Value> jobs_submit(RpcCall& call);
Task<config::Value> jobs_resubmit(RpcCall& call);
Task<config::Value> jobs_cancel(RpcCall& call);
Task<config::Value> jobs_validate(RpcCall& call);
Task<config::Value> validate_yaml(RpcCall& call);
// jobs/show.cpp
Task<config::Value> jobs_show(RpcCall& call);
Task<config::Value> jobs_definition(RpcCall& call);
Task<config::Value> job_state(RpcCall& call);
Task<config::Value> job_health(RpcCall& call);
Task<config::Value> job_status(RpcCall& call);
Task<config::Value> job_details(RpcCall& call);
// jobs/list.cpp
Task<config::Value> jobs_list(RpcCall& call);
Task<config::Value> jobs_queue(RpcCall& call);
Task<config::Value> all_jobs(RpcCall& call);
// jobs/logs.cpp
Task<config::Value> jobs_logs(RpcCall& call);
Task<config::Value> job_output(RpcCall& call);
// introspection.cpp
Task<config::Value> list_methods(RpcCall& call);
Task<config::Value> method_help(RpcCall& call);
Task<config::Value> method_signature(RpcCall& call);
// multicall.cpp
Task<config::Value> multicall(RpcCall& call);

}  // namespace patchbay::rpc
