// SPDX-License-Identifier: Apache-2.0
#pragma once
// Drivers of media. docs/drivers/ has a page for each.

#include "drivers/builtin.hpp"

namespace patchbay {

/// A USB disk that is always the host's.
DriverPtr make_usb_storage(const DriverRequest& request);
/// Linux Automation's USB-SD-Mux.
DriverPtr make_usb_sd_mux(const DriverRequest& request);
/// SDWire and SDWireC.
DriverPtr make_sdwire(const DriverRequest& request);

}  // namespace patchbay
