// SPDX-License-Identifier: Apache-2.0
#pragma once
// What can be asked of a relay board that is a HID device, beside switching it.

#include <string>

#include "core/usb/sysfs.hpp"

namespace patchbay {

/// By its USB ids: 16c0:05df or 5131:2007.
bool is_hid_relay(const UsbDevice& device);
/// Only 16c0:05df has one.
bool has_hid_relay_id(const UsbDevice& device);
/// "USBRelay2" has two; 8 when it does not say.
int hid_relay_channels(const UsbDevice& device);
/// Its five characters. Asks the board; blocks, for a worker. Throws: InfrastructureError beginning with `what`.
std::string hid_relay_id(const UsbDevice& device, const std::string& what);

}  // namespace patchbay
