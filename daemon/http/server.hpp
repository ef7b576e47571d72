// SPDX-License-Identifier: Apache-2.0
#pragma once
// The HTTP server: HTTP/1.0 and 1.1 on one io thread, over TCP and, when asked, a Unix socket.

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/task.hpp"
#include "daemon/http/body_budget.hpp"
#include "daemon/http/certificate.hpp"
#include "daemon/http/limits.hpp"
#include "daemon/http/message.hpp"

namespace patchbay {

/// Answers one request; the request lives until the answer is written. It runs to its end also when the client has
/// hung up meanwhile. An exception out of it is answered with a bare 500.
using HttpHandler = std::function<Task<Response>(Request&)>;

class HttpServer {
public:
    /// `rule`: who may send large bodies; without one everybody.
    HttpServer(asio::any_io_executor executor, HttpLimits limits, HttpHandler handler, BodyRule rule = {});
    /// After stop(), or when the io_context will not run again.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Binds and begins to serve; port 0 takes a free one. `host` is an address or a name. With a certificate HTTPS is
    /// spoken there; it must outlive the server. Returns the port.
    /// Throws: ConfigurationError naming the address and the reason.
    std::uint16_t listen(const std::string& host, std::uint16_t port, const Certificate* certificate = nullptr);
    /// The same on a Unix socket; a socket file nobody listens on is replaced.
    void listen(const std::filesystem::path& socket);

    /// Takes no new requests, lets answers under way end (HttpLimits::stop_grace), ends streams, closes.
    /// Done when: no connection is left.
    Task<> stop();

    std::size_t connections() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace patchbay
