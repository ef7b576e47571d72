// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/task.hpp"
#include "daemon/services.hpp"
#include "daemon/store/device_types.hpp"

namespace patchbay {

/// What `user` set about a device type, over REST or XML-RPC; the scheduler looks again.
/// False: no such type. Throws: OwnedByFile, StoreError.
Task<bool> change_device_type(Services& lab, std::string name, DeviceTypeProperties properties, std::string user);
/// Sets the health check of a type from its definition; the scheduler looks again.
/// Throws: JobError, it cannot become a job; OwnedByFile, StoreError.
Task<> change_health_check(Services& lab, std::string device_type, std::string definition, std::string user);
/// False: a type, or an alias, is called so.
Task<bool> add_device_type(Services& lab, std::string name, DeviceTypeProperties properties, std::string user);

}  // namespace patchbay
