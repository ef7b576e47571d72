// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where requests come in; and sockets that answer from the address that was asked.

#include <boost/asio/ip/udp.hpp>
#include <optional>
#include <string>

#include "core/listen_address.hpp"
#include "core/process/file_descriptor.hpp"
#include "core/task.hpp"

namespace patchbay::tftp {

using Endpoint = asio::ip::udp::endpoint;

struct Arrival {
    std::string datagram;
    Endpoint client;
    Endpoint asked;  ///< our address that the client wrote to; port 0
};

class RequestSocket {
public:
    /// Throws: InfrastructureError, the address cannot be had.
    RequestSocket(const asio::any_io_executor& executor, const ListenAddress& address);
    /// One that systemd opened. Throws: ConfigurationError, it is no UDP socket.
    RequestSocket(const asio::any_io_executor& executor, FileDescriptor passed);

    Endpoint address() const { return socket_.local_endpoint(); }

    /// The next datagram. What was sent to a broadcast or multicast address is passed over (RFC 1123, 4.2.3.5).
    /// Cancellation: safe.
    Task<Arrival> next();

private:
    void prepare();
    std::optional<Arrival> receive();

    asio::ip::udp::socket socket_;
};

/// A socket with a port of its own that talks to nobody but this client. It blocks, and no reactor knows it: one that
/// did would be woken by every datagram. Throws: std::system_error.
FileDescriptor answering_socket(const Arrival& arrival);

/// "10.0.0.7:1069", also for an IPv4 client of an IPv6 socket.
std::string name_of(const Endpoint& endpoint);
/// The address alone, in the same form for both families of sockets.
asio::ip::address address_of(const Endpoint& endpoint);

}  // namespace patchbay::tftp
