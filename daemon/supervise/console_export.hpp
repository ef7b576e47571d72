// SPDX-License-Identifier: Apache-2.0
#pragma once
// A port of this machine that is the console of a lease, for programs that know serial ports of the network. It goes
// with the lease.

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/task.hpp"
#include "core/telnet/com_port_server.hpp"
#include "daemon/supervise/live_console.hpp"

namespace patchbay {

enum class ExportProtocol {
    raw,      ///< the bytes and nothing else
    rfc2217,  ///< telnet with its COM-PORT option
};

struct ExportAddress {
    std::string host;  ///< where it listens
    std::uint16_t port = 0;
    /// The address whose connections are let in as they are; all others have to send the token and a line end first.
    std::string peer;
    std::string token;
};

class ConsoleExport {
public:
    /// How long somebody from elsewhere may take to say the token.
    static constexpr Clock::duration token_time = std::chrono::seconds{10};
    /// From the address, and as many from elsewhere: strangers do not lock the holder out.
    static constexpr int most_connections = 4;

    using Wish = std::function<void(const ComPortWish& wish)>;

    /// Listens at a free port of `address.host`; whoever connects has the keyboard as `user`. `wish` is called as
    /// long as this lives. Throws: InfrastructureError.
    ConsoleExport(asio::any_io_executor executor, ExportProtocol protocol, ExportAddress address, std::string user,
                  std::shared_ptr<LiveConsole> console, Wish wish);
    /// Cuts all connections.
    ~ConsoleExport();
    ConsoleExport(const ConsoleExport&) = delete;
    ConsoleExport& operator=(const ConsoleExport&) = delete;

    ExportProtocol protocol() const { return protocol_; }
    const ExportAddress& address() const;

    struct State;

private:
    ExportProtocol protocol_;
    std::shared_ptr<State> state_;
};

}  // namespace patchbay
