// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "devices/driver.hpp"
#include "drivers/builtin.hpp"

namespace patchbay {

/// A QEMU virtual machine: DirectBoot, Power, Console and Network. docs/drivers/qemu.md has the keys.
/// Throws: ConfigurationError naming the device and every wrong key.
DriverPtr make_qemu(const DriverRequest& request);

}  // namespace patchbay
