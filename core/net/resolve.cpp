// SPDX-License-Identifier: Apache-2.0
#include "core/net/resolve.hpp"

#include <netinet/in.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

namespace patchbay {

using asio::ip::address;
using asio::ip::address_v4;
using asio::ip::address_v6;
using asio::ip::tcp;

std::optional<address> address_of(const sockaddr& from) {
    if (from.sa_family == AF_INET) {
        sockaddr_in v4;
        std::memcpy(&v4, &from, sizeof v4);
        return address_v4{ntohl(v4.sin_addr.s_addr)};
    }
    if (from.sa_family == AF_INET6) {
        sockaddr_in6 v6;
        std::memcpy(&v6, &from, sizeof v6);
        address_v6::bytes_type bytes;
        std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
        return address_v6{bytes};
    }
    return std::nullopt;
}

Task<std::vector<address>> resolve(std::string host) {
    tcp::resolver resolver{co_await asio::this_coro::executor};
    boost::system::error_code unknown;
    const auto found = co_await resolver.async_resolve(host, "", asio::redirect_error(asio::use_awaitable, unknown));
    if (unknown == asio::error::operation_aborted) throw boost::system::system_error{unknown};
    std::vector<address> addresses;
    for (const auto& entry : found) addresses.push_back(entry.endpoint().address());
    co_return addresses;
}

Task<std::optional<std::string>> refusal_of_host(AddressPolicy policy, std::string host) {
    const auto addresses = co_await resolve(std::move(host));
    for (const auto& one : addresses) {
        if (auto refusal = policy.refusal(one)) co_return refusal;
    }
    co_return std::nullopt;
}

}  // namespace patchbay
