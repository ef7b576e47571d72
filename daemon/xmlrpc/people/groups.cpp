// SPDX-License-Identifier: Apache-2.0
// auth.groups, as LAVA has it since 2023.03 (lava_server/api/groups.py).
#include "daemon/store/groups.hpp"

#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/people/find.hpp"

namespace patchbay::rpc {

Task<config::Value> groups_add(RpcCall& call) {
    require(call, "auth.add_group");
    const auto name = call.text(0);
    if (Groups{call.lab.store.reader()}.find(name)) throw Fault{400, "Bad request: group already exists?"};
    auto add = [name](Database& db) { return Groups{db}.add(name); };
    co_return co_await change_store(call, {"", "group.add", name, ""}, std::move(add));
}

Task<config::Value> groups_delete(RpcCall& call) {
    require(call, "auth.change_group");
    const auto group = find_group(call, 0);
    auto remove = [group](Database& db) { return Groups{db}.remove(group.id); };
    co_return co_await change_store(call, {"", "group.delete", group.name, ""}, std::move(remove));
}

Task<config::Value> groups_list(RpcCall& call) {
    require(call, "auth.view_group");
    config::List names;
    for (const auto& group : Groups{call.lab.store.reader()}.list()) names.emplace_back(group.name);
    co_return names;
}

Task<config::Value> groups_show(RpcCall& call) {
    require(call, "auth.view_group");
    auto& db = call.lab.store.reader();
    const auto group = find_group(call, 0);
    config::List users;
    for (const auto& name : Groups{db}.members(group.id)) users.emplace_back(name);
    config::Map map;
    map.set("id", group.id.value);
    map.set("name", group.name);
    map.set("permissions", permission_names(Permissions{db}.everywhere(group.id)));
    map.set("users", std::move(users));
    co_return map;
}

Task<config::Value> groups_perms_add(RpcCall& call) {
    require(call, "auth.change_group");
    co_return co_await grant_everywhere(call, find_group(call, 0));
}

Task<config::Value> groups_perms_delete(RpcCall& call) {
    require(call, "auth.change_group");
    co_return co_await revoke_everywhere(call, find_group(call, 0));
}

Task<config::Value> groups_perms_list(RpcCall& call) {
    require(call, "auth.view_group");
    const auto group = find_group(call, 0);
    co_return permission_maps(Permissions{call.lab.store.reader()}.everywhere(group.id));
}

}  // namespace patchbay::rpc
