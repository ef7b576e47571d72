// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "devices/capability/capability.hpp"

namespace patchbay {

/// How a device and this host see each other in the network. Nothing is sent, and nothing waits.
class Network : public Capability {
public:
    static constexpr std::string_view kind = "network";

    /// The IPv4 address at which the device finds this host: what a boot loader fetches from, and a kernel's NFS root.
    /// Asked for anew each time: a route, and even an interface, may come and go with the board.
    /// Source: the kernel's routes and interfaces; of QEMU's user network its options (qemu(1), `-netdev user`).
    /// Throws: InfrastructureError naming device and interface or address: there is no such interface, or no route.
    virtual std::string host_address() = 0;

    /// The device's own address, "10.0.0.17". nullopt: it is not known before the device runs (DHCP).
    virtual std::optional<std::string> address() const = 0;

    /// Of the card that it boots from, "52:54:00:12:34:01", as it was written. nullopt: nobody has said it.
    virtual std::optional<std::string> mac() const = 0;
};

}  // namespace patchbay
