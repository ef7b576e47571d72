// SPDX-License-Identifier: Apache-2.0
// Other names of device types.
#include <algorithm>

#include "daemon/api/lab/name_limits.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/lab/find_device.hpp"

namespace patchbay::rpc {
namespace {

AliasRow find_alias(const RpcCall& call, std::size_t index) {
    const auto name = call.text(index);
    auto alias = DeviceTypes{call.lab.store.reader()}.alias(name);
    if (!alias || !call.viewer().sees_type(alias->device_type)) throw Fault{404, "Alias '" + name + "' was not found."};
    return std::move(*alias);
}

Task<config::Value> add(RpcCall& call, AliasRow alias) {
    auto insert = [alias](Database& db) { return DeviceTypes{db}.add_alias(alias); };
    const Deed deed{call.user->name, "alias.add", alias.name, "of " + alias.device_type};
    if (!co_await write_audited(call.lab.store, deed, std::move(insert)))
        throw Fault{400, "Bad request: an alias or a device-type is called '" + alias.name + "' already."};
    co_return config::Value{};
}

Task<config::Value> remove(RpcCall& call, std::string name) {
    auto erase = [name](Database& db) { return DeviceTypes{db}.remove_alias(name); };
    const Deed deed{call.user->name, "alias.delete", name, ""};
    co_await write_audited(call.lab.store, deed, std::move(erase));
    co_return config::Value{};
}

Query everything() {
    Query query;
    query.limit = -1;
    return query;
}

}  // namespace

Task<config::Value> aliases_add(RpcCall& call) {
    AliasRow alias{short_text(call, 0, longest_name), find_device_type(call, 1).name};
    co_return co_await add(call, std::move(alias));
}

Task<config::Value> aliases_delete(RpcCall& call) {
    auto alias = find_alias(call, 0);
    co_return co_await remove(call, std::move(alias.name));
}

Task<config::Value> aliases_list(RpcCall& call) {
    config::List names;
    const auto hidden = call.viewer().hidden_types;
    for (const auto& alias : DeviceTypes{call.lab.store.reader()}.aliases(everything(), hidden))
        names.emplace_back(alias.name);
    co_return names;
}

Task<config::Value> aliases_show(RpcCall& call) {
    const auto alias = find_alias(call, 0);
    config::Map map;
    map.set("name", alias.name);
    map.set("device_type", alias.device_type);
    co_return map;
}

Task<config::Value> device_types_aliases_add(RpcCall& call) {
    AliasRow alias{short_text(call, 1, longest_name), changeable_type(call).name};
    co_return co_await add(call, std::move(alias));
}

Task<config::Value> device_types_aliases_delete(RpcCall& call) {
    const auto type = changeable_type(call);
    auto alias = find_alias(call, 1);
    if (alias.device_type != type.name)
        throw Fault{404, "Alias '" + alias.name + "' is one of device-type '" + alias.device_type + "'."};
    co_return co_await remove(call, std::move(alias.name));
}

Task<config::Value> device_types_aliases_list(RpcCall& call) {
    config::List names;
    for (const auto& alias : find_device_type(call).aliases) names.emplace_back(alias);
    co_return names;
}

/// The types of all aliases that have this text in them.
Task<config::Value> get_device_type_by_alias(RpcCall& call) {
    const auto part = call.text(0);
    config::List types;
    const auto hidden = call.viewer().hidden_types;
    for (const auto& alias : DeviceTypes{call.lab.store.reader()}.aliases(everything(), hidden)) {
        const config::Value type{alias.device_type};
        if (alias.name.find(part) != std::string::npos && std::ranges::find(types, type) == types.end())
            types.push_back(type);
    }
    config::Map map;
    map.set(part, std::move(types));
    co_return map;
}

}  // namespace patchbay::rpc
