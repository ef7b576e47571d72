// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "daemon/lab/lab_devices.hpp"
#include "daemon/store/store.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/lab/find_device.hpp"

namespace patchbay::rpc {
namespace {

config::Map verdict(const DeviceRow& device) {
    config::Map map;
    try {
        render_device(parse_device_configuration(device.hostname, device.device_type, device.configuration), {});
        map.set("Valid", config::Value{});
    } catch (const Error& error) {
        map.set("Invalid", describe(error));
    }
    return map;
}

}  // namespace

/// Of one device, of those of a type, or of all: {hostname: {Valid: null}} or {Invalid: reason}, as YAML.
Task<config::Value> validate_pipeline_devices(RpcCall& call) {
    const auto name = call.maybe_text(0);
    auto validate = [name, devices = all_devices_of(call, false)](Database&) {
        config::Map verdicts;
        for (const auto& device : devices) {
            if (!name || device.hostname == *name || device.device_type == *name)
                verdicts.set(device.hostname, verdict(device));
        }
        return verdicts;
    };
    const auto verdicts = co_await call.lab.store.read_on_worker(std::move(validate));
    if (verdicts.empty())
        throw Fault{404, name ? "No device and no device type is called '" + *name + "'." : "The lab has no devices."};
    co_return config::Binary{config::dump_yaml(verdicts)};
}

}  // namespace patchbay::rpc
