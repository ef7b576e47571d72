// SPDX-License-Identifier: Apache-2.0
#include "tftp/request_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/errors.hpp"
#include "tftp/packet.hpp"

namespace patchbay::tftp {
namespace {

namespace ip = asio::ip;

ip::address_v6 address_v6_of(const in6_addr& bytes, ip::scope_id_type scope) {
    ip::address_v6::bytes_type copy;
    std::memcpy(copy.data(), &bytes, copy.size());
    return ip::address_v6{copy, scope};
}

ip::address_v4 address_v4_of(const in_addr& bytes) { return ip::address_v4{ntohl(bytes.s_addr)}; }

template <class Info>
Info info_of(cmsghdr& header) {
    Info info{};
    std::memcpy(&info, CMSG_DATA(&header), sizeof info);
    return info;
}

/// Our address in `message`; nullopt when it was for many hosts.
std::optional<ip::address> address_asked(msghdr& message, bool is_v6) {
    ip::address asked = is_v6 ? ip::address{ip::address_v6{}} : ip::address{ip::address_v4{}};
    for (auto* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
            const auto info = info_of<in_pktinfo>(*header);
            if (info.ipi_addr.s_addr != info.ipi_spec_dst.s_addr) return std::nullopt;
            const auto address = address_v4_of(info.ipi_spec_dst);
            // Of two infos this one knows more: an IPv6 socket has the other for IPv4 clients, too.
            return is_v6 ? ip::address{ip::make_address_v6(ip::v4_mapped, address)} : ip::address{address};
        }
        if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
            const auto info = info_of<in6_pktinfo>(*header);
            const auto address = address_v6_of(info.ipi6_addr, 0);
            if (address.is_multicast()) return std::nullopt;
            asked = address.is_link_local() ? address_v6_of(info.ipi6_addr, info.ipi6_ifindex) : address;
        }
    }
    return asked;
}

}  // namespace

RequestSocket::RequestSocket(const asio::any_io_executor& executor, const ListenAddress& address) : socket_{executor} {
    const auto text = (address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]") + ":" +
                      std::to_string(address.port);
    boost::system::error_code error;
    const auto host = ip::make_address(address.host, error);
    if (error) throw ConfigurationError{"listen address '" + text + "': the host must be an address"};
    const Endpoint endpoint{host, address.port};
    socket_.open(endpoint.protocol(), error);
    // Each family has a socket of its own then, in whichever order they are given.
    if (!error && host.is_v6()) socket_.set_option(ip::v6_only{true}, error);
    if (!error) socket_.bind(endpoint, error);
    if (error) {
        throw InfrastructureError{"cannot listen on " + text + ": " + error.message() +
                                  "; is another TFTP server there, and may this user have ports below 1024?"};
    }
    prepare();
}

RequestSocket::RequestSocket(const asio::any_io_executor& executor, FileDescriptor passed) : socket_{executor} {
    int domain = 0, type = 0;
    socklen_t size = sizeof domain;
    if (::getsockopt(passed.get(), SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 ||
        ::getsockopt(passed.get(), SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_DGRAM ||
        (domain != AF_INET && domain != AF_INET6)) {
        throw ConfigurationError{"a socket of the unit is none of UDP; its .socket needs ListenDatagram="};
    }
    socket_.assign(domain == AF_INET6 ? ip::udp::v6() : ip::udp::v4(), passed.release());
    prepare();
}

void RequestSocket::prepare() {
    socket_.non_blocking(true);
    const int on = 1;
    // An IPv6 socket may get IPv4 clients; for each family the kernel has an option of its own.
    ::setsockopt(socket_.native_handle(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    ::setsockopt(socket_.native_handle(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
}

std::optional<Arrival> RequestSocket::receive() {
    Arrival arrival;
    // A longer one shows by its last byte.
    arrival.datagram.resize(longest_request + 1);
    iovec place{arrival.datagram.data(), arrival.datagram.size()};
    alignas(cmsghdr) std::array<char, 256> control{};
    msghdr message{};
    message.msg_name = arrival.client.data();
    message.msg_namelen = static_cast<socklen_t>(arrival.client.capacity());
    message.msg_iov = &place;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto count = ::recvmsg(socket_.native_handle(), &message, 0);
    if (count < 0) return std::nullopt;  // taken back by the kernel (wrong checksum), or another's error
    arrival.client.resize(message.msg_namelen);
    arrival.datagram.resize(static_cast<std::size_t>(count));
    const auto asked = address_asked(message, arrival.client.protocol() == ip::udp::v6());
    if (!asked) return std::nullopt;
    arrival.asked = {*asked, 0};
    return arrival;
}

Task<Arrival> RequestSocket::next() {
    for (;;) {
        co_await socket_.async_wait(ip::udp::socket::wait_read, asio::use_awaitable);
        if (auto arrival = receive()) co_return std::move(*arrival);
    }
}

FileDescriptor answering_socket(const Arrival& arrival) {
    const auto check = [](int result) {
        if (result < 0) throw std::system_error{errno, std::generic_category(), "socket of a transfer"};
        return result;
    };
    FileDescriptor socket{check(::socket(arrival.client.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC, 0))};
    const int off = 0;  // an IPv6 socket that was asked by an IPv4 client answers one
    ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    check(::bind(socket.get(), arrival.asked.data(), static_cast<socklen_t>(arrival.asked.size())));
    check(::connect(socket.get(), arrival.client.data(), static_cast<socklen_t>(arrival.client.size())));
    return socket;
}

ip::address address_of(const Endpoint& endpoint) {
    const auto address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
    return address;
}

std::string name_of(const Endpoint& endpoint) {
    const auto address = address_of(endpoint);
    const auto text = address.to_string();
    return (address.is_v6() ? "[" + text + "]" : text) + ":" + std::to_string(endpoint.port());
}

}  // namespace patchbay::tftp
