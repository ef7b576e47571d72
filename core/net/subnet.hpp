// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay {

/// A block of addresses: "10.0.0.0/8", "fd00::/8", or a single one, "10.1.2.3". An IPv4 address and its IPv6 form
/// (::ffff:10.1.2.3) are the same.
class Subnet {
public:
    /// nullopt: it is none. Bits behind the prefix are ignored.
    static std::optional<Subnet> parse(std::string_view text);

    bool contains(const boost::asio::ip::address& address) const;

private:
    std::array<unsigned char, 16> bytes_{};  ///< of IPv4 the mapped form
    unsigned prefix_ = 128;
};

class Subnets {
public:
    Subnets() = default;
    /// Throws: ConfigurationError naming the first text that is no network.
    explicit Subnets(const std::vector<std::string>& texts);

    bool contain(const boost::asio::ip::address& address) const;
    /// False also for a text that is no address.
    bool contain(const std::string& address) const;

private:
    std::vector<Subnet> all_;
};

}  // namespace patchbay
