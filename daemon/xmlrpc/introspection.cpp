// SPDX-License-Identifier: Apache-2.0
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/methods.hpp"

namespace patchbay::rpc {

Task<config::Value> list_methods(RpcCall&) {
    config::List names;
    for (const auto& method : rpc_methods()) names.emplace_back(method.name);
    co_return names;
}

/// "scheduler.jobs.logs(job_id, start=0, end=None)"
Task<config::Value> method_help(RpcCall& call) {
    const auto* method = find_rpc_method(call.text(0));
    if (!method) co_return "";
    co_return std::string{method->name} + "(" + std::string{method->parameters} + ")";
}

/// LAVA declares no types, but for two methods of its framework.
Task<config::Value> method_signature(RpcCall& call) {
    const auto name = call.text(0);
    config::List types;
    if (name == "system.methodHelp") types.assign(2, "str");
    if (name == "system.multicall") types.assign(2, "array");
    if (!types.empty()) co_return types;
    co_return find_rpc_method(name) ? "undef" : "";
}

}  // namespace patchbay::rpc
