// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/network.hpp"

#include <boost/asio/ip/address_v4.hpp>

#include "core/errors.hpp"
#include "core/net/own_address.hpp"
#include "core/text.hpp"

namespace patchbay {
namespace {

using boost::asio::ip::address_v4;

/// "/24", "/255.255.255.0"; without either QEMU takes the class of the address, of which these two are in use.
std::uint32_t mask_of(std::uint32_t base, const std::string& text) {
    if (text.empty()) return base < 0x80000000U ? 0xff000000U : 0xffff0000U;
    if (const auto bits = whole_number(text)) return *bits < 4 || *bits > 32 ? 0U : ~0U << (32 - *bits);
    boost::system::error_code error;
    return boost::asio::ip::make_address_v4(text, error).to_uint();
}

/// The host is the second address of the network. nullopt: QEMU will refuse this text, too.
std::optional<std::string> host_in(const std::string& network) {
    const auto slash = network.find('/');
    boost::system::error_code error;
    const auto base = boost::asio::ip::make_address_v4(network.substr(0, slash), error).to_uint();
    if (error) return std::nullopt;
    const auto mask = mask_of(base, slash == std::string::npos ? "" : network.substr(slash + 1));
    return address_v4{(base & mask) | (0x0202U & ~mask)}.to_string();
}

/// Looks for what a guest is connected to; the first one counts.
bool read_backend(const std::vector<qemu::Field>& fields, QemuNetwork& network) {
    const auto type = qemu::value_of(fields, "type");
    if (type == "user") {
        const auto host = qemu::value_of(fields, "host");
        if (const auto net = qemu::value_of(fields, "net"); !net.empty())
            network.host = host_in(net).value_or(*network.host);
        if (!host.empty()) network.host = host;
        return true;
    }
    if (type != "tap" && type != "bridge") return false;
    network.host.reset();
    network.interface = qemu::value_of(fields, "br");
    if (network.interface.empty()) network.interface = type == "tap" ? qemu::value_of(fields, "ifname") : "br0";
    return true;
}

/// The option whose value this may be, without its dashes: "netdev".
std::string_view option_of(const std::vector<std::string>& words, std::size_t value) {
    if (value == 0 || !words[value - 1].starts_with('-')) return {};
    const auto option = std::string_view{words[value - 1]};
    return option.substr(option.starts_with("--") ? 2 : 1);
}

}  // namespace

std::vector<qemu::Field> network_fields(const std::vector<std::string>& words, std::size_t i) {
    const auto option = option_of(words, i);
    if (option != "netdev" && option != "nic" && option != "net") return {};
    return qemu::split_fields(words[i], qemu::implied_key(option));
}

QemuNetwork read_qemu_network(const std::vector<std::string>& options) {
    QemuNetwork network;
    bool connected = false;
    for (std::size_t i = 1; i < options.size(); ++i) {
        auto fields = network_fields(options, i);
        if (!fields.empty() && !connected) connected = read_backend(fields, network);
        if (option_of(options, i) == "device") fields = qemu::split_fields(options[i], qemu::implied_key("device"));
        for (const auto* key : {"mac", "macaddr"}) {
            if (auto mac = qemu::value_of(fields, key); !mac.empty() && !network.mac) network.mac = std::move(mac);
        }
    }
    return network;
}

std::string host_address(const QemuNetwork& network, const std::filesystem::path& root) {
    if (network.host) return *network.host;
    if (!network.interface.empty()) {
        std::error_code none;
        const auto master = std::filesystem::read_symlink(root / "sys/class/net" / network.interface / "master", none);
        return interface_address(none ? network.interface : master.filename().string());
    }
    auto own = own_address();
    if (own.empty()) throw InfrastructureError{"this machine has no default route, whose bridge a tap would be put on"};
    return own;
}

}  // namespace patchbay
