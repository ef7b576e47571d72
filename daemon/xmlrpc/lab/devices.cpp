// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/lab/change_health.hpp"
#include "daemon/api/lab/dictionary.hpp"
#include "daemon/api/lab/name_limits.hpp"
#include "daemon/api/words.hpp"
#include "daemon/lab/lab_devices.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/health_checks.hpp"
#include "daemon/store/owned_by_file.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/lab/find_device.hpp"
#include "daemon/xmlrpc/people/find.hpp"
#include "daemon/xmlrpc/tag_names.hpp"

namespace patchbay::rpc {
namespace {

/// What the list and the details say of a device first; `type`: how they call its device type.
config::Map outline(const DeviceRow& device, std::string_view type) {
    config::Map map;
    map.set("hostname", device.hostname);
    map.set(std::string{type}, device.device_type);
    map.set("health", to_string(device.health));
    map.set("state", to_string(device.state));
    return map;
}

bool has_dictionary(const DeviceRow& device) { return !device.configuration.empty() && device.configuration != "{}"; }

/// As configured, or as a job with this context would get it.
Task<config::Value> dictionary(RpcCall& call, bool render, std::size_t context) {
    const auto device = find_device(call);
    if (!has_dictionary(device)) throw Fault{404, "Device '" + device.hostname + "' does not have a configuration"};
    const auto configured = parse_device_configuration(device.hostname, device.device_type, device.configuration);
    if (!render) co_return config::Binary{device_dictionary(configured, call.lab)};
    auto text = call.maybe_text(context).value_or("");
    auto rendered = co_await rendered_device(configured, std::move(text), call.lab);
    co_return config::Binary{std::move(rendered)};
}

Task<config::Value> set_health(RpcCall& call, DeviceHealth health, std::string reason) {
    const auto device = changeable_device(call);
    co_await change_health(call.lab, device.hostname, health, reason, call.user->name);
    co_return config::Value{};
}

}  // namespace

Task<config::Value> devices_list(RpcCall& call) {
    config::List list;
    for (const auto& device : all_devices_of(call, call.flag(0))) {
        auto map = outline(device, "type");
        map.set("current_job", job_of(device));
        map.set("pipeline", true);
        list.emplace_back(std::move(map));
    }
    co_return list;
}

/// With what `lavacli system export` asks for and LAVA has dropped: public, user, group.
Task<config::Value> devices_show(RpcCall& call) {
    const auto device = find_device(call);
    auto map = outline(device, "device_type");
    map.set("health_job",
            HealthChecks{call.lab.store.reader()}.of_device(device.device_type, device.hostname).has_value());
    map.set("description", or_nil(device.description));
    map.set("pipeline", true);
    map.set("has_device_dict", has_dictionary(device));
    map.set("worker", device.worker_host);
    map.set("current_job", job_of(device));
    map.set("tags", tag_names(device.tags, call.lab.store.reader()));
    map.set("permissions", granted(Restrictable::device, device.hostname, call));
    map.set("public", true);
    map.set("user", config::Value{});
    map.set("group", config::Value{});
    co_return map;
}

Task<config::Value> devices_tags_list(RpcCall& call) {
    co_return tag_names(find_device(call).tags, call.lab.store.reader());
}

Task<config::Value> devices_get_dictionary(RpcCall& call) { co_return co_await dictionary(call, call.flag(1), 2); }
Task<config::Value> export_device_dictionary(RpcCall& call) { co_return co_await dictionary(call, false, 0); }
Task<config::Value> get_device_config(RpcCall& call) { co_return co_await dictionary(call, true, 1); }

Task<config::Value> devices_tags_add(RpcCall& call) {
    const auto device = changeable_device(call);
    const auto name = short_text(call, 1, longest_tag);
    // One that is new is made.
    if (!Devices{call.lab.store.reader()}.tag(name)) require(call, "lava_scheduler_app.add_tag");
    auto add = [host = device.hostname, name](Database& db) {
        Devices devices{db};
        devices.add_tag(host, devices.make_tag(name).id);
    };
    const Deed deed{call.user->name, "device.tags", device.hostname, "with " + name};
    co_await write_audited(call.lab.store, deed, std::move(add));
    call.lab.scheduler.wake(device.device_type);
    co_return config::Value{};
}

Task<config::Value> devices_tags_delete(RpcCall& call) {
    const auto device = changeable_device(call);
    const auto name = call.text(1);
    const auto tag = Devices{call.lab.store.reader()}.tag(name);
    if (!tag) throw Fault{404, "Tag '" + name + "' was not found."};
    auto remove = [host = device.hostname, tag = *tag](Database& db) { Devices{db}.remove_tag(host, tag); };
    const Deed deed{call.user->name, "device.tags", device.hostname, "without " + name};
    co_await write_audited(call.lab.store, deed, std::move(remove));
    co_return config::Value{};
}

Task<config::Value> devices_set_dictionary(RpcCall& call) {
    const auto device = changeable_device(call);
    auto entry = parse_device_configuration(device.hostname, device.device_type, device.configuration);
    co_await change_dictionary(call.lab, std::move(entry), call.text(1), *call.user);
    co_return true;
}

/// LAVA's old words for it.
Task<config::Value> import_device_dictionary(RpcCall& call) {
    co_await devices_set_dictionary(call);
    co_return "Device dictionary updated for " + call.text(0);
}

Task<config::Value> devices_refused(RpcCall& call) {
    throw OwnedByFile{"device '" + call.text(0) + "'", "devices"};
    co_return config::Value{};
}

/// Only the health: all else is said by the lab's configuration file.
Task<config::Value> devices_update(RpcCall& call) {
    for (const std::size_t other : {1, 2, 3, 6, 7}) {
        if (call.argument(other))
            throw Fault{400,
                        "Only the health and the tags of a device can be set; all else is in the lab's configuration "
                        "file (devices)."};
    }
    const auto word = call.maybe_text(5).value_or("");
    const auto health = number_of_word(word, DeviceHealth::retired, Case::ignored);
    if (!health) throw Fault{400, "Health '" + word + "' is invalid"};
    co_return co_await set_health(call, static_cast<DeviceHealth>(*health), call.maybe_text(8).value_or(""));
}

Task<config::Value> put_into_maintenance_mode(RpcCall& call) {
    co_return co_await set_health(call, DeviceHealth::maintenance, call.maybe_text(1).value_or(""));
}

Task<config::Value> put_into_online_mode(RpcCall& call) {
    co_return co_await set_health(call, DeviceHealth::unknown, call.maybe_text(1).value_or(""));
}

}  // namespace patchbay::rpc
