// SPDX-License-Identifier: Apache-2.0
#include "core/net/own_address.hpp"

#include <net/if.h>
#include <sys/ioctl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cerrno>
#include <cstring>
#include <memory>

#include "core/errors.hpp"

namespace patchbay {
namespace {

using boost::asio::ip::udp;

/// "eth0, lo"
std::string known_interfaces() {
    const std::unique_ptr<struct if_nameindex, decltype(&::if_freenameindex)> all{::if_nameindex(),
                                                                                  &::if_freenameindex};
    std::string text;
    for (const auto* each = all.get(); each && each->if_name; ++each)
        text += (text.empty() ? "" : ", ") + std::string{each->if_name};
    return text.empty() ? "none" : text;
}

}  // namespace

std::string own_address() {
    try {
        // A network for documentation (RFC 5737) is on no interface: it is reached by the default route, or not at all.
        return own_address_towards("198.51.100.1");
    } catch (const InfrastructureError&) {
        return {};
    }
}

std::string own_address_towards(std::string_view other) {
    boost::asio::io_context io;
    udp::socket socket{io};
    boost::system::error_code error;
    // "Connecting" a datagram socket only chooses the route and, with it, our address.
    socket.connect({boost::asio::ip::make_address_v4(other), 9}, error);
    const auto own = error ? udp::endpoint{} : socket.local_endpoint(error);
    if (error) throw InfrastructureError{"no route to " + std::string{other} + ": " + error.message()};
    return own.address().to_string();
}

std::string interface_address(const std::string& interface) {
    boost::asio::io_context io;
    udp::socket socket{io, udp::v4()};
    ifreq request{};
    interface.copy(request.ifr_name, sizeof request.ifr_name - 1);
    if (::ioctl(socket.native_handle(), SIOCGIFADDR, &request) == 0) {
        // netdevice(7): the sockaddr is a sockaddr_in.
        sockaddr_in found{};
        std::memcpy(&found, &request.ifr_addr, sizeof found);
        return boost::asio::ip::make_address_v4(ntohl(found.sin_addr.s_addr)).to_string();
    }
    if (errno == ENODEV) {
        throw InfrastructureError{"this machine has no network interface '" + interface + "', but " +
                                  known_interfaces()};
    }
    throw InfrastructureError{"network interface '" + interface + "' has no IPv4 address: " + std::strerror(errno)};
}

bool is_host_address(std::string_view text) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address_v4(text, error);
    return !error && !address.is_unspecified() && !address.is_multicast();
}

bool is_mac_address(std::string_view text) {
    constexpr std::size_t size = 6 * 2 + 5;
    if (text.size() != size) return false;
    for (std::size_t i = 0; i < size; ++i) {
        const bool separates = i % 3 == 2;
        const auto wanted = separates ? std::string_view{":-"} : std::string_view{"0123456789abcdefABCDEF"};
        if (wanted.find(text[i]) == std::string_view::npos) return false;
    }
    return true;
}

}  // namespace patchbay
