// SPDX-License-Identifier: Apache-2.0
#pragma once
// Consoles behind the network, and where a board stands in it. The keys: docs/drivers/tcp.md,
// docs/drivers/rfc2217.md, docs/drivers/static.md.

#include "drivers/builtin.hpp"

namespace patchbay {

/// `tcp`: the bytes as they are. Offers Console.
DriverPtr make_tcp_console(const DriverRequest& request);

/// `rfc2217`: Telnet with the COM-PORT option. Offers Console and SerialControl.
DriverPtr make_rfc2217_console(const DriverRequest& request);

/// `static`: what the lab's owner says of a board. Offers Network.
DriverPtr make_static_network(const DriverRequest& request);

}  // namespace patchbay
