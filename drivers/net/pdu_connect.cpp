// SPDX-License-Identifier: Apache-2.0
#include "drivers/net/pdu_connect.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace patchbay {

Task<> connect_to_pdu(asio::ip::tcp::socket& socket, std::string host, int port) {
    auto service = std::to_string(port);
    const auto colon = host.rfind(':');
    if (colon != std::string::npos && host.find(':') == colon) {
        service = host.substr(colon + 1);
        host.resize(colon);
    }
    asio::ip::tcp::resolver resolver{socket.get_executor()};
    const auto found = co_await resolver.async_resolve(host, service, asio::use_awaitable);
    co_await asio::async_connect(socket, found, asio::use_awaitable);
}

}  // namespace patchbay
