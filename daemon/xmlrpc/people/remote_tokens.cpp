// SPDX-License-Identifier: Apache-2.0
// The caller's own remote artifact tokens. Their values never come back: LAVA's `show` is not here.
#include "daemon/store/remote_tokens.hpp"

#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/people/find.hpp"

namespace patchbay::rpc {

Task<config::Value> remote_tokens_add(RpcCall& call) {
    const auto name = call.text(0), value = call.text(1);
    auto add = [user = call.user->id, name, value](Database& db) {
        RemoteTokens{db}.set(user, name, value, wall_now());
    };
    co_return co_await change_store(call, {"", "remote-token.add", name, ""}, std::move(add));
}

Task<config::Value> remote_tokens_delete(RpcCall& call) {
    const auto name = call.text(0);
    auto remove = [user = call.user->id, name](Database& db) {
        if (!RemoteTokens{db}.remove(user, name)) throw Fault{404, "Token '" + name + "' was not found."};
    };
    co_return co_await change_store(call, {"", "remote-token.delete", name, ""}, std::move(remove));
}

Task<config::Value> remote_tokens_list(RpcCall& call) {
    config::List names;
    for (const auto& name : RemoteTokens{call.lab.store.reader()}.names(call.user->id)) names.emplace_back(name);
    co_return names;
}

}  // namespace patchbay::rpc
