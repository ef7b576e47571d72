// SPDX-License-Identifier: Apache-2.0
#include "daemon/xmlrpc/lab/find_device.hpp"

#include "daemon/store/rights.hpp"
#include "daemon/store/store.hpp"

namespace patchbay::rpc {

DeviceRow find_device(const RpcCall& call) {
    const auto name = call.text(0);
    auto device = Devices{call.lab.store.reader()}.find(name);
    if (!device) throw Fault{404, "Device '" + name + "' was not found."};
    if (!call.viewer().sees_device(name))
        throw Fault{403, "Device '" + name + "' not available to user '" + call.user_name() + "'."};
    return std::move(*device);
}

DeviceTypeRow find_device_type(const RpcCall& call, std::size_t index) {
    const auto name = call.text(index);
    auto type = DeviceTypes{call.lab.store.reader()}.find(name);
    if (!type || !call.viewer().sees_type(name)) throw Fault{404, "Device-type '" + name + "' was not found."};
    return std::move(*type);
}

DeviceRow changeable_device(const RpcCall& call) {
    auto device = find_device(call);
    const Rights rights{call.lab.store.reader(), call.user};
    if (!rights.on_device(Permission::change, device.hostname, device.device_type))
        throw Fault{403, "User '" + call.user_name() + "' needs admin permission on device " + device.hostname + "."};
    return device;
}

DeviceTypeRow changeable_type(const RpcCall& call) {
    auto type = find_device_type(call);
    const Rights rights{call.lab.store.reader(), call.user};
    if (!rights.on_type(Permission::change, type.name))
        throw Fault{403, "User '" + call.user_name() + "' needs admin permission on device-type " + type.name + "."};
    return type;
}

std::string short_text(const RpcCall& call, std::size_t index, std::size_t most) {
    auto text = call.text(index);
    if (text.empty() || text.size() > most)
        throw Fault{400, "Bad request: argument " + std::to_string(index + 1) + " must have from 1 to " +
                             std::to_string(most) + " characters."};
    return text;
}

std::vector<DeviceRow> all_devices_of(const RpcCall& call, bool all) {
    Query query;
    query.limit = -1;
    return Devices{call.lab.store.reader()}.list(query, all, call.viewer().hidden_devices);
}

std::vector<DeviceTypeRow> all_types_of(const RpcCall& call) {
    Query query;
    query.limit = -1;
    return DeviceTypes{call.lab.store.reader()}.list(query, call.viewer().hidden_types);
}

config::Value job_of(const DeviceRow& device) {
    return device.current_job ? config::Value{device.current_job->value} : config::Value{};
}

config::List granted(Restrictable kind, const std::string& object, const RpcCall& call) {
    config::List list;
    for (const auto& permission : Permissions{call.lab.store.reader()}.list(kind, {.object = object})) {
        config::Map map;
        map.set("name", codename(kind, permission.permission));
        map.set("group", permission.group.name);
        list.emplace_back(std::move(map));
    }
    return list;
}

config::List names_of_type(const std::vector<DeviceRow>& devices, const std::string& type) {
    config::List names;
    for (const auto& device : devices) {
        if (device.device_type == type) names.emplace_back(device.hostname);
    }
    return names;
}

}  // namespace patchbay::rpc
