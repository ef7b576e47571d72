// SPDX-License-Identifier: Apache-2.0
#pragma once
// Consoles behind the network. docs/drivers/tcp.md and docs/drivers/rfc2217.md have the keys.

#include "drivers/builtin.hpp"

namespace patchbay {

/// `tcp`: the bytes as they are. Offers Console.
DriverPtr make_tcp_console(const DriverRequest& request);

/// `rfc2217`: Telnet with the COM-PORT option. Offers Console and SerialControl.
DriverPtr make_rfc2217_console(const DriverRequest& request);

}  // namespace patchbay
