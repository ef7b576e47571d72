// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/task.hpp"
#include "daemon/services.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// Sets it by hand; `reason`, which may be empty, and `user` are kept in the device's history. The jobs of a device
/// that is Retired now are canceled. False: no such device. Throws: StoreError.
Task<bool> change_health(Services& lab, std::string hostname, DeviceHealth health, const std::string& reason,
                         const std::string& user);

}  // namespace patchbay
