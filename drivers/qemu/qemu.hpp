// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "devices/description.hpp"
#include "devices/driver.hpp"
#include "drivers/context.hpp"

namespace patchbay {

/// A QEMU virtual machine: DirectBoot, Power and Console. docs/drivers/qemu.md has the keys.
/// Throws: ConfigurationError naming the device and every wrong key.
DriverPtr make_qemu(const DeviceDescription& description, const DriverContext& context);

}  // namespace patchbay
