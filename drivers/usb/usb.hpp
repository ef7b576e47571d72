// SPDX-License-Identifier: Apache-2.0
#pragma once
// Drivers of what hangs on USB. docs/drivers/ has a page for each.

#include "drivers/builtin.hpp"
#include "drivers/switch.hpp"

namespace patchbay {

/// One relay of a board that says it is a HID device: 16c0:05df, 5131:2007.
SwitchPtr make_hid_relay_switch(const DriverRequest& request);

/// One relay of a board behind a serial port: the LCUS protocol.
SwitchPtr make_serial_relay_switch(const DriverRequest& request);

/// The supply of one port of a hub.
SwitchPtr make_usb_hub_port_switch(const DriverRequest& request);

}  // namespace patchbay
