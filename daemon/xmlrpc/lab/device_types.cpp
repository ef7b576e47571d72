// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <map>

#include "daemon/api/lab/change_device_type.hpp"
#include "daemon/api/lab/dictionary.hpp"
#include "daemon/api/lab/name_limits.hpp"
#include "daemon/api/words.hpp"
#include "daemon/store/health_checks.hpp"
#include "daemon/store/store.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/lab/find_device.hpp"

namespace patchbay::rpc {
namespace {

/// description, display, owners_only (which LAVA has dropped), health_frequency, health_denominator.
DeviceTypeProperties read_properties(const RpcCall& call) {
    DeviceTypeProperties properties;
    properties.description = call.maybe_text(1);
    if (call.argument(2)) properties.display = call.flag(2);
    if (call.argument(4)) {
        const auto frequency = call.number(4, 0);
        if (frequency < 1 || frequency > std::numeric_limits<int>::max())
            throw Fault{400, "Bad request: health_frequency must be from 1 to 2147483647."};
        properties.health_frequency = static_cast<int>(frequency);
    }
    if (const auto word = call.maybe_text(5)) {
        const auto denominator = number_of_word(*word, HealthDenominator::jobs, Case::matters);
        if (!denominator) throw Fault{400, "Bad request: invalid health_denominator."};
        properties.health_denominator = static_cast<HealthDenominator>(*denominator);
    }
    return properties;
}

}  // namespace

Task<config::Value> device_types_list(RpcCall& call) {
    const bool all = call.flag(0);
    std::map<std::string, std::int64_t> devices;
    for (const auto& device : all_devices_of(call, false)) ++devices[device.device_type];
    config::List list;
    for (const auto& type : all_types_of(call)) {
        if (!type.display && !all) continue;
        config::Map map;
        map.set("name", type.name);
        map.set("devices", devices[type.name]);
        map.set("installed", true);
        map.set("template", !template_of_type(type.name, call.lab).empty());
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
    map.set("health_disabled", type.disable_health_check);
    map.set("health_denominator", to_string(type.health_denominator));
    map.set("health_frequency", type.health_frequency);
    config::List aliases;
    for (const auto& alias : type.aliases) aliases.emplace_back(alias);
    map.set("aliases", std::move(aliases));
    map.set("devices", names_of_type(all_devices_of(call, false), type.name));
    map.set("default_template", true);
    map.set("permissions", granted(Restrictable::device_type, type.name, call));
    map.set("owners_only", false);
    co_return map;
}

/// [{hostname, health, state}], perhaps only those of one health.
Task<config::Value> device_types_devices(RpcCall& call) {
    const auto type = find_device_type(call);
    const auto word = call.maybe_text(1);
    const auto wanted = word ? number_of_word(*word, DeviceHealth::retired, Case::ignored) : std::nullopt;
    if (word && !wanted) throw Fault{400, "Invalid health '" + *word + "'"};
    config::List list;
    for (const auto& device : all_devices_of(call, wanted == static_cast<int>(DeviceHealth::retired))) {
        if (device.device_type != type.name || (wanted && static_cast<int>(device.health) != *wanted)) continue;
        config::Map map;
        map.set("hostname", device.hostname);
        map.set("health", to_string(device.health));
        map.set("state", to_string(device.state));
        list.emplace_back(std::move(map));
    }
    co_return list;
}

/// Clients take 404 for "there is none".
Task<config::Value> device_types_get_template(RpcCall& call) {
    const auto type = find_device_type(call).name;
    auto text = template_of_type(type, call.lab);
    if (text.empty()) throw Fault{404, "Device-type '" + type + "' does not have a template"};
    co_return config::Binary{std::move(text)};
}

Task<config::Value> device_types_set_template(RpcCall& call) {
    co_await change_template(call.lab, changeable_type(call).name, call.text(1), *call.user);
    co_return config::Value{};
}

Task<config::Value> device_types_get_health_check(RpcCall& call) {
    const auto type = find_device_type(call);
    const auto check = HealthChecks{call.lab.store.reader()}.of_type(type.name);
    if (!check) throw Fault{404, "Device-type '" + type.name + "' does not have a health check"};
    co_return config::Binary{check->job.original_definition};
}

Task<config::Value> device_types_set_health_check(RpcCall& call) {
    const auto type = changeable_type(call);
    co_await change_health_check(call.lab, type.name, call.text(1), call.user->name);
    co_return config::Value{};
}

Task<config::Value> device_types_add(RpcCall& call) {
    const auto name = short_text(call, 0, longest_name);
    auto properties = read_properties(call);
    if (!co_await add_device_type(call.lab, name, std::move(properties), call.user->name))
        throw Fault{400, "Bad request: device-type name is already used."};
    co_return config::Value{};
}

Task<config::Value> device_types_update(RpcCall& call) {
    const auto name = changeable_type(call).name;
    auto properties = read_properties(call);
    if (call.argument(6)) properties.disable_health_check = call.flag(6);
    co_await change_device_type(call.lab, name, std::move(properties), call.user->name);
    co_return config::Value{};
}

}  // namespace patchbay::rpc
