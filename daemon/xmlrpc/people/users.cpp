// SPDX-License-Identifier: Apache-2.0
// auth.users, as LAVA has it since 2023.03 (lava_server/api/users.py).
#include "daemon/store/users.hpp"

#include "daemon/store/groups.hpp"
#include "daemon/xmlrpc/codec.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/people/find.hpp"

namespace patchbay::rpc {
namespace {

/// Whoever may add users would make themselves one otherwise.
void check_superuser(const RpcCall& call, bool superuser, bool was) {
    if (superuser != was && !call.user->superuser)
        throw Fault{403, "User '" + call.user->name + "' is not a superuser."};
}

config::Map outline(const UserRow& user) {
    config::Map map;
    map.set("username", user.name);
    map.set("last_name", user.last_name);
    map.set("first_name", user.first_name);
    map.set("is_superuser", user.superuser);
    map.set("is_staff", user.staff);
    map.set("is_active", user.active);
    return map;
}

/// Arguments from 1 on: first_name, last_name, email, is_active, is_staff, is_superuser; nil keeps.
UserRow changed(const RpcCall& call, UserRow user) {
    if (auto text = call.maybe_text(1)) user.first_name = std::move(*text);
    if (auto text = call.maybe_text(2)) user.last_name = std::move(*text);
    if (auto text = call.maybe_text(3)) user.email = std::move(*text);
    user.active = call.flag(4, user.active);
    user.staff = call.flag(5, user.staff);
    user.superuser = call.flag(6, user.superuser);
    return user;
}

}  // namespace

Task<config::Value> users_add(RpcCall& call) {
    require(call, "auth.add_user");
    UserRow user;
    user.name = call.text(0);
    if (call.flag(7)) throw Fault{400, "Bad request: this lab asks no LDAP server."};
    if (Users{call.lab.store.reader()}.find(user.name)) throw Fault{400, "Bad request: user already exists?"};
    user = changed(call, std::move(user));
    check_superuser(call, user.superuser, false);
    auto add = [user](Database& db) {
        auto added = user;
        added.id = Users{db}.add(user.name, user.superuser, wall_now());
        Users{db}.update(added);
    };
    co_return co_await change_store(call, {"", "user.add", user.name, ""}, std::move(add));
}

/// What a user did stays the user's: the account is closed.
Task<config::Value> users_delete(RpcCall& call) {
    require(call, "auth.change_user");
    const auto user = find_user(call, 0);
    check_superuser(call, false, user.superuser);
    auto close = [user](Database& db) { Users{db}.close(user.id); };
    co_return co_await change_store(call, {"", "user.delete", user.name, ""}, std::move(close));
}

Task<config::Value> users_list(RpcCall& call) {
    require(call, "auth.view_user");
    config::List list;
    for (const auto& user : Users{call.lab.store.reader()}.list()) list.emplace_back(outline(user));
    co_return list;
}

Task<config::Value> users_show(RpcCall& call) {
    require(call, "auth.view_user");
    auto& db = call.lab.store.reader();
    const auto user = find_user(call, 0);
    config::List groups;
    for (const auto& group : Groups{db}.of(user.id)) groups.emplace_back(group.name);
    auto map = outline(user);
    map.set("id", user.id.value);
    map.set("email", user.email);
    map.set("date_joined", rpc_time(user.created));
    map.set("last_login", config::Value{});
    map.set("groups", std::move(groups));
    map.set("permissions", permission_names(Permissions{db}.everywhere(user.id)));
    co_return map;
}

Task<config::Value> users_update(RpcCall& call) {
    require(call, "auth.change_user");
    const auto before = find_user(call, 0);
    const auto user = changed(call, before);
    check_superuser(call, user.superuser || before.superuser, false);
    auto update = [user](Database& db) { Users{db}.update(user); };
    co_return co_await change_store(call, {"", "user.change", user.name, ""}, std::move(update));
}

Task<config::Value> users_groups_add(RpcCall& call) {
    require(call, "auth.change_user");
    const auto user = find_user(call, 0);
    const auto name = call.text(1);
    auto join = [user, name](Database& db) {
        Groups groups{db};
        groups.join(user.id, groups.find_or_add(name));
    };
    co_return co_await change_store(call, {"", "group.join", name, user.name}, std::move(join));
}

Task<config::Value> users_groups_delete(RpcCall& call) {
    require(call, "auth.change_user");
    const auto user = find_user(call, 0);
    const auto group = find_group(call, 1);
    auto leave = [user, group](Database& db) { return Groups{db}.leave(user.id, group.id); };
    co_return co_await change_store(call, {"", "group.leave", group.name, user.name}, std::move(leave));
}

Task<config::Value> users_groups_list(RpcCall& call) {
    require(call, "auth.view_user");
    config::List names;
    for (const auto& group : Groups{call.lab.store.reader()}.of(find_user(call, 0).id)) names.emplace_back(group.name);
    co_return names;
}

Task<config::Value> users_perms_add(RpcCall& call) {
    require(call, "auth.change_user");
    co_return co_await grant_everywhere(call, find_user(call, 0));
}

Task<config::Value> users_perms_delete(RpcCall& call) {
    require(call, "auth.change_user");
    co_return co_await revoke_everywhere(call, find_user(call, 0));
}

Task<config::Value> users_perms_list(RpcCall& call) {
    require(call, "auth.view_user");
    co_return permission_maps(Permissions{call.lab.store.reader()}.everywhere(find_user(call, 0).id));
}

/// By the user's mail address; exactly these groups, which are made when new.
Task<config::Value> set_user_groups(RpcCall& call) {
    if (!call.user->staff && !call.user->superuser) throw Fault{403, "User '" + call.user->name + "' is not staff."};
    const auto email = call.text(0);
    const auto user = Users{call.lab.store.reader()}.find_by_email(email);
    if (!user) throw Fault{404, "User with email '" + email + "' was not found."};
    check_superuser(call, user->superuser, false);
    const auto names = call.texts(1, "groups").value_or(std::vector<std::string>{});
    std::string said;
    for (const auto& name : names) said += (said.empty() ? "" : ", ") + name;
    auto set = [id = user->id, names](Database& db) {
        Groups groups{db};
        std::vector<GroupId> ids;
        for (const auto& name : names) ids.push_back(groups.find_or_add(name));
        groups.set(id, ids);
    };
    co_return co_await change_store(call, {"", "user.groups", user->name, said}, std::move(set));
}

}  // namespace patchbay::rpc
