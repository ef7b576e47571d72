// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a stranger's URL may lead to: that of a job's file, of a test repository, of a callback. No I/O.

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/net/subnet.hpp"

namespace patchbay {

enum class AddressKind {
    internet,
    private_network,  ///< RFC 1918, RFC 4193, carriers' 100.64.0.0/10
    loopback,         ///< also 0.0.0.0 and ::, which Linux takes for it
    link_local,
    metadata,  ///< where clouds give a machine its credentials
    special    ///< multicast, broadcast, reserved
};

/// Of an IPv6 address that carries one of IPv4 (mapped, NAT64, 6to4): what that one is.
AddressKind kind_of(const boost::asio::ip::address& address);

class AddressPolicy {
public:
    /// The internet and nothing else.
    AddressPolicy() = default;
    /// The internet and what is listed: networks (network.hpp), and the words `private`, `loopback` and `link-local`.
    /// No word stands for the metadata addresses: only a network that holds them allows them.
    /// Throws: ConfigurationError naming the first entry that is neither.
    explicit AddressPolicy(const std::vector<std::string>& allowed);
    static AddressPolicy everything();

    /// "127.0.0.1 is a loopback address", when nobody allowed it.
    std::optional<std::string> refusal(const boost::asio::ip::address& address) const;

private:
    std::vector<AddressKind> kinds_;
    std::vector<Subnet> networks_;
};

}  // namespace patchbay
