// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "drivers/builtin.hpp"

namespace patchbay {

/// Where a console is reached.
struct Endpoint {
    std::string host;  ///< a name or an address
    int port = 0;
    std::chrono::seconds keepalive{30};  ///< after so much silence the other side is asked; 0: never
    std::chrono::seconds connect_timeout{10};

    /// "console-server:7001", "[fd00::1]:7001".
    std::string text() const;
};

/// The keys `host`, `port`, `keepalive` and `connect_timeout`.
Endpoint read_endpoint(config::MapReader& options);

/// A TCP connection that is made anew once when it is lost.
class TcpLink {
public:
    TcpLink(Endpoint endpoint, const DriverRequest& request);

    const Endpoint& endpoint() const { return endpoint_; }
    bool is_open() const { return socket_.is_open(); }
    /// Something has arrived and was not read.
    bool has_bytes() const;

    /// Throws: InfrastructureError naming device, host and port.
    Task<> connect();

    /// Tells the lease that the connection is lost, and connects again.
    /// Throws: ConnectionClosedError, it cannot be had, or this happened a moment ago already.
    Task<> reconnect();

    /// Empty: the connection is lost, or was closed here. Cancellation: safe, no byte is lost.
    Task<std::string> read_some();

    /// Sends at least a byte; returns how many. `bytes` must live as long as this runs.
    /// Throws: ConnectionClosedError.
    Task<std::size_t> write_some(std::string_view bytes);

    void close();

private:
    Task<> connect_to_any();
    void set_options();
    [[noreturn]] void throw_lost(const std::string& what) const;

    Endpoint endpoint_;
    std::string label_;
    std::function<void(const std::string&)> tell_;
    asio::ip::tcp::socket socket_;
    int connections_ = 0;              ///< so far; tells an own cancellation from a connection that ended
    Clock::time_point reconnected_{};  ///< the last time; 0: never
    bool told_ = false;                ///< of the loss that is being mended
    std::string reason_;               ///< why the last connection ended
    std::array<char, 16 * 1024> buffer_;
};

}  // namespace patchbay
