// SPDX-License-Identifier: Apache-2.0
// Several calls in one: each answers with an array of its value, or with the struct of its fault.
#include "daemon/xmlrpc/codec.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/methods.hpp"

namespace patchbay::rpc {
namespace {

// All answers are kept until the last one is there.
constexpr std::size_t most_calls = 100;

Fault bad_multicall(const std::string& text) { return {fault_code::bad_multicall, "system.multicall: " + text}; }

MethodCall read_entry(const config::Value& entry) {
    const auto* name = entry.find("methodName");
    const auto* arguments = entry.find("params");
    if (!name || !name->is_string() || (arguments && !arguments->is_list()))
        throw bad_multicall("each call is a struct of methodName and params");
    if (*name == config::Value{"system.multicall"}) throw bad_multicall("it cannot call itself");
    return {*name->as_string(), arguments ? *arguments->as_list() : config::List{}};
}

Task<config::Value> answer_entry(RpcCall& call, const config::Value& entry) {
    std::exception_ptr failure;
    config::List answer;
    try {
        auto read = read_entry(entry);
        RpcCall one{call.lab, call.user, std::move(read.arguments)};
        answer.push_back(co_await call_method(read.method, one));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) co_return fault_value(fault_for(failure));
    co_return answer;
}

}  // namespace

Task<config::Value> multicall(RpcCall& call) {
    const auto* calls = call.arguments[0].as_list();
    if (!calls) throw bad_multicall("the calls are an array");
    if (calls->size() > most_calls) throw bad_multicall("at most " + std::to_string(most_calls) + " calls at once");
    config::List answers;
    for (const auto& entry : *calls) answers.push_back(co_await answer_entry(call, entry));
    co_return answers;
}

}  // namespace patchbay::rpc
