// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/config/value.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/permissions.hpp"
#include "daemon/xmlrpc/fault.hpp"
#include "daemon/xmlrpc/rpc_call.hpp"

namespace patchbay::rpc {

/// Throws: Fault 403 "User 'bob' is missing permission auth.add_user."
void require(const RpcCall& call, std::string_view permission);
/// The user, or the group, that an argument names. Throws: Fault 404 "Group 'lab' was not found."
UserRow find_user(const RpcCall& call, std::size_t index);
GroupRow find_group(const RpcCall& call, std::size_t index);

/// A permission that holds everywhere, of three arguments from `index` on: its application, model and codename.
/// Throws: Fault 404 "Invalid app.model 'auth.device'", "Invalid permission 'fly'", for one that LAVA has with the
/// reason why nobody is given it.
std::string global_permission(const RpcCall& call, std::size_t index);
/// [{app, model, codename}]
config::List permission_maps(const std::vector<std::string>& names);
/// ["auth.user.add_user"]
config::List permission_names(const std::vector<std::string>& names);

/// As write_audited(), by the caller; the answer is nil. Jobs that wait look again: who may submit may have changed.
template <class Change>
Task<config::Value> change_store(RpcCall& call, Deed deed, Change change) {
    deed.who = call.user->name;
    co_await write_audited(call.lab.store, std::move(deed), std::move(change));
    call.lab.scheduler.wake_all();
    co_return config::Value{};
}

/// Gives a user, or a group, the permission that the arguments behind the first one name; it holds everywhere.
/// Throws: as global_permission().
template <class Holder>
Task<config::Value> grant_everywhere(RpcCall& call, Holder holder) {
    const auto name = global_permission(call, 1);
    auto grant = [id = holder.id, name](Database& db) { return Permissions{db}.grant_everywhere(id, name); };
    co_return co_await change_store(call, {"", "permission.add", holder.name, name}, std::move(grant));
}

/// Takes it away.
template <class Holder>
Task<config::Value> revoke_everywhere(RpcCall& call, Holder holder) {
    const auto name = global_permission(call, 1);
    auto revoke = [id = holder.id, name](Database& db) { return Permissions{db}.revoke_everywhere(id, name); };
    co_return co_await change_store(call, {"", "permission.delete", holder.name, name}, std::move(revoke));
}

}  // namespace patchbay::rpc
