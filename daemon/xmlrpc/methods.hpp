// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which handler answers which method. The table is in methods.cpp.

#include <exception>
#include <span>
#include <string>
#include <string_view>

#include "core/task.hpp"
#include "daemon/api/route.hpp"
#include "daemon/xmlrpc/fault.hpp"
#include "daemon/xmlrpc/rpc_call.hpp"

namespace patchbay {

struct RpcMethod {
    std::string_view name;
    Who who;
    Task<config::Value> (*handler)(RpcCall&);
    std::string_view parameters;  ///< as Python writes them: "job_id, start=0, end=None"
};

/// Sorted by name.
std::span<const RpcMethod> rpc_methods();
/// nullptr: this server has no such method.
const RpcMethod* find_rpc_method(std::string_view name);
/// What LAVA has, or had when clients that are still in use were written, and this server has not.
struct MissingRpcMethod {
    std::string_view name;
    std::string_view reason;  ///< since when, and what to use instead
};
/// Sorted by name.
std::span<const MissingRpcMethod> missing_rpc_methods();

/// Throws: Fault, and whatever the handler throws.
Task<config::Value> call_method(const std::string& name, RpcCall& call);

/// What to answer for an exception. Cancellation is thrown on; what is not meant for the client is logged, not told.
Fault fault_for(std::exception_ptr failure);

}  // namespace patchbay
