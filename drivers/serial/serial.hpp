// SPDX-License-Identifier: Apache-2.0
#pragma once
// The driver `serial`: a console on a serial port of this machine. docs/drivers/serial.md has the keys.

#include "drivers/builtin.hpp"

namespace patchbay {

/// Offers Console and SerialControl.
DriverPtr make_serial_console(const DriverRequest& request);

}  // namespace patchbay
