// SPDX-License-Identifier: Apache-2.0
#include "core/net/own_address.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

namespace patchbay {

std::string own_address() {
    using boost::asio::ip::udp;
    boost::asio::io_context io;
    udp::socket socket{io};
    boost::system::error_code error;
    // "Connecting" a datagram socket only chooses the route and, with it, our address. A network for documentation
    // (RFC 5737) is on no interface: it is reached by the default route, or not at all.
    socket.connect({boost::asio::ip::make_address("198.51.100.1"), 9}, error);
    const auto own = error ? udp::endpoint{} : socket.local_endpoint(error);
    return error ? std::string{} : own.address().to_string();
}

}  // namespace patchbay
