// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/store.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/lab/find_device.hpp"

namespace patchbay::rpc {

Task<config::Value> device_types_list(RpcCall& call) {
    auto& db = call.lab.store.reader();
    const bool all = call.flag(0);
    const auto devices = all_of(db, false);
    Query query;
    query.limit = -1;
    config::List list;
    for (const auto& type : Devices{db}.list_types(query)) {
        if (!type.display && !all) continue;
        config::Map map;
        map.set("name", type.name);
        map.set("devices", static_cast<std::int64_t>(names_of_type(devices, type.name).size()));
        map.set("installed", true);
        map.set("template", false);
        list.emplace_back(std::move(map));
    }
    co_return list;
}

/// With what `lavacli system export` asks for and LAVA has dropped: owners_only.
Task<config::Value> device_types_show(RpcCall& call) {
    const auto type = find_device_type(call);
    config::Map map;
    map.set("name", type.name);
    map.set("description", or_nil(type.description));
    map.set("display", type.display);
    map.set("health_disabled", false);
    map.set("health_denominator", "hours");
    map.set("health_frequency", type.health_frequency);
    map.set("aliases", config::List{});
    map.set("devices", names_of_type(all_of(call.lab.store.reader(), false), type.name));
    map.set("default_template", true);
    map.set("permissions", config::List{});
    map.set("owners_only", false);
    co_return map;
}

/// Devices are described in whole, not by templates. Clients take 404 for "there is none".
Task<config::Value> device_types_get_template(RpcCall& call) {
    throw Fault{404, "Device-type '" + find_device_type(call).name + "' does not have a template"};
    co_return config::Value{};
}

Task<config::Value> device_types_get_health_check(RpcCall& call) {
    throw Fault{404, "Device-type '" + find_device_type(call).name + "' does not have a health check"};
    co_return config::Value{};
}

Task<config::Value> device_types_aliases_list(RpcCall& call) {
    find_device_type(call);
    co_return config::List{};
}

}  // namespace patchbay::rpc
