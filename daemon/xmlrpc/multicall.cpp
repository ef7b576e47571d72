// SPDX-License-Identifier: Apache-2.0
// Several calls in one: each answers with an array of its value, or with the struct of its fault.
#include "daemon/xmlrpc/codec.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/methods.hpp"

namespace patchbay::rpc {
namespace {

// All answers are kept until the last one is there: a small request must not ask for a hundred large logs.
constexpr std::size_t most_calls = 100;
constexpr std::size_t most_bytes = 16 * 1024 * 1024;

/// What the texts of an answer take; the rest is small.
std::size_t text_bytes(const config::Value& value) {
    if (const auto* text = value.as_string()) return text->size();
    if (const auto* binary = std::get_if<config::Binary>(&value.storage())) return binary->bytes.size();
    std::size_t bytes = 0;
    if (const auto* list = value.as_list()) {
        for (const auto& item : *list) bytes += text_bytes(item);
    }
    if (const auto* map = value.as_map()) {
        for (const auto& [key, member] : *map) bytes += text_bytes(member);
    }
    return bytes;
}

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
        if (one.long_binary) throw bad_multicall("this log is too long for it; call " + read.method + " by itself");
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
    std::size_t bytes = 0;
    for (const auto& entry : *calls) {
        if (bytes > most_bytes) {  // what the calls before have done is told all the same
            answers.push_back(fault_value(bad_multicall("the answers are too large; ask for fewer at once")));
            continue;
        }
        answers.push_back(co_await answer_entry(call, entry));
        bytes += text_bytes(answers.back());
    }
    co_return answers;
}

}  // namespace patchbay::rpc
