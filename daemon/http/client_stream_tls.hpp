// SPDX-License-Identifier: Apache-2.0
#pragma once
// The insides of ClientStream, for the two files that speak through it.

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/http/client_stream.hpp"

namespace patchbay {

/// OpenSSL counts the users of a context: it lives as long as its connections.
struct ClientStream::Tls {
    Tls(Socket& socket, asio::ssl::context& context) : stream{socket, context} {}

    Task<boost::system::error_code> handshake() {
        boost::system::error_code error;
        co_await stream.async_handshake(asio::ssl::stream_base::server,
                                        asio::redirect_error(asio::use_awaitable, error));
        greeted = true;
        co_return error;
    }

    asio::ssl::stream<Socket&> stream;
    bool greeted = false;  ///< the worker's own: it then leaves the socket to the other thread
};

}  // namespace patchbay
