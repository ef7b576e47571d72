// SPDX-License-Identifier: Apache-2.0
#include "core/net/address_policy.hpp"

#include <algorithm>

#include "core/errors.hpp"

namespace patchbay {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;

struct Known {
    std::string_view network;
    AddressKind kind;
};

// The first that fits counts. IANA's registries of special-purpose addresses (RFC 6890), and the documentation of the
// clouds: 169.254.169.254 is nearly everybody's, 169.254.170.2 and .23 and fd00:ec2:: are Amazon's, 100.100.100.200 is
// Alibaba's, 168.63.129.16 Azure's, 192.0.0.192 Oracle's, fd20:ce::254 Google's.
constexpr Known known[] = {
    {"169.254.169.254", AddressKind::metadata},
    {"169.254.170.2", AddressKind::metadata},
    {"169.254.170.23", AddressKind::metadata},
    {"100.100.100.200", AddressKind::metadata},
    {"168.63.129.16", AddressKind::metadata},
    {"192.0.0.192", AddressKind::metadata},
    {"fd00:ec2::/32", AddressKind::metadata},
    {"fd20:ce::254", AddressKind::metadata},
    {"0.0.0.0/8", AddressKind::loopback},
    {"127.0.0.0/8", AddressKind::loopback},
    {"::/127", AddressKind::loopback},
    {"169.254.0.0/16", AddressKind::link_local},
    {"::/96", AddressKind::special},
    {"fe80::/10", AddressKind::link_local},
    {"10.0.0.0/8", AddressKind::private_network},
    {"172.16.0.0/12", AddressKind::private_network},
    {"192.168.0.0/16", AddressKind::private_network},
    {"100.64.0.0/10", AddressKind::private_network},
    {"198.18.0.0/15", AddressKind::private_network},
    {"fc00::/7", AddressKind::private_network},
    {"fec0::/10", AddressKind::private_network},
    {"192.0.0.0/24", AddressKind::special},
    {"224.0.0.0/3", AddressKind::special},
    {"ff00::/8", AddressKind::special},
    {"2001::/32", AddressKind::special},       // Teredo
    {"64:ff9b:1::/48", AddressKind::special},  // NAT64 of this network alone, however it lies in there: RFC 8215
};

constexpr struct {
    std::string_view word;
    AddressKind kind;
} words[] = {
    {"private", AddressKind::private_network},
    {"loopback", AddressKind::loopback},
    {"link-local", AddressKind::link_local},
};

std::string_view name_of(AddressKind kind) {
    switch (kind) {
        case AddressKind::private_network:
            return "an address of a private network";
        case AddressKind::loopback:
            return "a loopback address";
        case AddressKind::link_local:
            return "a link-local address";
        case AddressKind::metadata:
            return "where a cloud keeps a machine's credentials";
        case AddressKind::special:
            return "no address of one machine";
        case AddressKind::internet:
            break;
    }
    return "an address of the internet";
}

struct Carrier {
    std::string_view network;
    std::size_t offset;  ///< of the IPv4 address in it, bytes
};
constexpr Carrier carriers[] = {
    {"::ffff:0:0/96", 12},  // IPv4 as a socket of both families shows it
    {"64:ff9b::/96", 12},   // NAT64, RFC 6052
    {"2002::/16", 2},       // 6to4, RFC 3056
};

/// The IPv4 address behind an IPv6 one; others as they are.
address unwrapped(const address& where) {
    if (where.is_v4()) return where;
    const auto bytes = where.to_v6().to_bytes();
    for (const auto& carrier : carriers) {
        if (!Subnet::parse(carrier.network)->contains(where)) continue;
        address_v4::bytes_type inner;
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(carrier.offset), inner.size(), inner.begin());
        return address_v4{inner};
    }
    return where;
}

}  // namespace

AddressKind kind_of(const address& where) {
    const auto inner = unwrapped(where);
    const auto fits = [&](const Known& entry) { return Subnet::parse(entry.network)->contains(inner); };
    const auto* found = std::find_if(std::begin(known), std::end(known), fits);
    return found == std::end(known) ? AddressKind::internet : found->kind;
}

AddressPolicy::AddressPolicy(const std::vector<std::string>& allowed) {
    for (const auto& entry : allowed) {
        const auto* word = std::find_if(std::begin(words), std::end(words), [&](auto& w) { return w.word == entry; });
        if (word != std::end(words)) {
            kinds_.push_back(word->kind);
        } else if (const auto network = Subnet::parse(entry)) {
            networks_.push_back(*network);
        } else {
            throw ConfigurationError{"'" + entry +
                                     "' is no network; write one like 10.0.0.0/8 or ::1, or private, loopback or "
                                     "link-local"};
        }
    }
}

AddressPolicy AddressPolicy::everything() { return AddressPolicy{{"::/0"}}; }

std::optional<std::string> AddressPolicy::refusal(const address& where) const {
    const auto kind = kind_of(where);
    if (kind == AddressKind::internet || std::find(kinds_.begin(), kinds_.end(), kind) != kinds_.end()) return {};
    const auto inner = unwrapped(where);
    for (const auto& network : networks_) {
        if (network.contains(where) || network.contains(inner)) return {};
    }
    return where.to_string() + " is " + std::string{name_of(kind)};
}

}  // namespace patchbay
