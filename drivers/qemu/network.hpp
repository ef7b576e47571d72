// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a machine and this host see each other. Source: qemu(1), -netdev, -nic and -net; QEMU's net/slirp.c.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "devices/qemu_options.hpp"

namespace patchbay {

struct QemuNetwork {
    /// In the user network: this host, as the guest sees it. nullopt: a tap or bridge of this host.
    std::optional<std::string> host = "10.0.2.2";
    std::string interface;           ///< the tap or bridge; empty: a script of the lab's chooses
    std::optional<std::string> mac;  ///< of the first card that is given one
};

/// Of the value at `i`, when its option makes a network (-netdev, -nic, -net); else none.
std::vector<qemu::Field> network_fields(const std::vector<std::string>& words, std::size_t i);

/// Pure. `options`: the words of the device's file. Without a word of a network QEMU makes a user network.
QemuNetwork read_qemu_network(const std::vector<std::string>& options);

/// The address of this host. That of a bridge when the tap is a part of one; where a script chooses, that of the
/// default route, whose bridge Debian's /etc/qemu-ifup takes. `root`: where /sys is looked for. Throws:
/// InfrastructureError, the interface is not there, has no address, or there is no default route.
std::string host_address(const QemuNetwork& network, const std::filesystem::path& root);

}  // namespace patchbay
