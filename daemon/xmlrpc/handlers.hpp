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
// introspection.cpp
Task<config::Value> list_methods(RpcCall& call);
Task<config::Value> method_help(RpcCall& call);
Task<config::Value> method_signature(RpcCall& call);
// multicall.cpp
Task<config::Value> multicall(RpcCall& call);

}  // namespace patchbay::rpc
