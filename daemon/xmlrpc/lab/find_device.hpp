// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/store/device_types.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/permissions.hpp"
#include "daemon/xmlrpc/fault.hpp"
#include "daemon/xmlrpc/rpc_call.hpp"

namespace patchbay::rpc {

/// The device of argument 0. Throws: Fault 404 "Device 'qemu-01' was not found."; 403 when the caller may not see it.
DeviceRow find_device(const RpcCall& call);
/// Throws: Fault 404 "Device-type 'qemu' was not found.", also when the caller may not see it.
DeviceTypeRow find_device_type(const RpcCall& call, std::size_t index = 0);

/// The same for one that the caller may change. Throws: Fault 403 as well.
DeviceRow changeable_device(const RpcCall& call);
DeviceTypeRow changeable_type(const RpcCall& call);

/// A required text of at most `most` characters. Throws: Fault 400.
std::string short_text(const RpcCall& call, std::size_t index, std::size_t most);

/// Those that the caller sees, by name; Retired ones only with `all`.
std::vector<DeviceRow> all_devices_of(const RpcCall& call, bool all);
std::vector<DeviceTypeRow> all_types_of(const RpcCall& call);
/// The job that a device has, or nil.
config::Value job_of(const DeviceRow& device);
/// [{name, group}]: which groups have which permission on a device or a type.
config::List granted(Restrictable kind, const std::string& object, const RpcCall& call);
/// The hostnames of a type's devices.
config::List names_of_type(const std::vector<DeviceRow>& devices, const std::string& type);

}  // namespace patchbay::rpc
