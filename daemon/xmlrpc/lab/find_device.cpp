// SPDX-License-Identifier: Apache-2.0
#include "daemon/xmlrpc/lab/find_device.hpp"

#include "daemon/store/store.hpp"

namespace patchbay::rpc {

DeviceRow find_device(const RpcCall& call) {
    const auto name = call.text(0);
    auto device = Devices{call.lab.store.reader()}.find(name);
    if (!device) throw Fault{404, "Device '" + name + "' was not found."};
    return std::move(*device);
}

DeviceTypeRow find_device_type(const RpcCall& call, std::size_t index) {
    const auto name = call.text(index);
    auto type = DeviceTypes{call.lab.store.reader()}.find(name);
    if (!type) throw Fault{404, "Device-type '" + name + "' was not found."};
    return std::move(*type);
}

std::string short_text(const RpcCall& call, std::size_t index, std::size_t most) {
    auto text = call.text(index);
    if (text.empty() || text.size() > most)
        throw Fault{400, "Bad request: argument " + std::to_string(index + 1) + " must have from 1 to " +
                             std::to_string(most) + " characters."};
    return text;
}

std::vector<DeviceRow> all_of(Database& db, bool all) {
    Query query;
    query.limit = -1;
    return Devices{db}.list(query, all);
}

config::List names_of_type(const std::vector<DeviceRow>& devices, const std::string& type) {
    config::List names;
    for (const auto& device : devices) {
        if (device.device_type == type) names.emplace_back(device.hostname);
    }
    return names;
}

}  // namespace patchbay::rpc
