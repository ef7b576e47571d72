// SPDX-License-Identifier: Apache-2.0
#pragma once
// By which IPv4 address others see this machine. The kernel is asked, nothing is sent, nothing waits.

#include <string>
#include <string_view>

namespace patchbay {

/// The address that others behind the default route see: "192.168.1.5". Empty: there is no such route.
std::string own_address();

/// The address that `other` ("10.0.0.17") sees, by this machine's routes.
/// Throws: InfrastructureError with the kernel's reason.
std::string own_address_towards(std::string_view other);

/// The first address of a network interface.
/// Throws: InfrastructureError, there is no such interface (those that there are, are listed), or it has none.
std::string interface_address(const std::string& interface);

/// "10.0.0.17": the address of one machine that a network card can have.
bool is_host_address(std::string_view text);

/// "52:54:00:12:34:01", also with '-' and capitals.
bool is_mac_address(std::string_view text);

}  // namespace patchbay
