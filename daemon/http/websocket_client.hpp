// SPDX-License-Identifier: Apache-2.0
#pragma once
// The other end of a WebSocket: we listen to what another server tells.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/task.hpp"

namespace patchbay {

struct WebSocketAddress {
    bool tls = false;
    std::string host;       ///< "lava.example.com", "::1"
    std::string port;       ///< "443"
    std::string authority;  ///< as the header Host has it: "[::1]:8000"
    std::string target;     ///< "/ws/"
    bool operator==(const WebSocketAddress&) const = default;
};
/// Of a URL with http:// or https://; nullopt for any other text. Pure.
std::optional<WebSocketAddress> read_websocket_address(std::string_view url);

/// One connection: who asks, and who hears. Messages of more than a MiB end it.
struct Listening {
    WebSocketAddress address;
    std::vector<std::pair<std::string, std::string>> headers;
    std::function<void()> opened;                  ///< the server has agreed
    std::function<void(const std::string&)> hear;  ///< each text message
};

/// Certificates are verified (SSL_CERT_FILE names authorities of one's own); nothing is followed elsewhere, as the
/// headers may carry a token. A server that is silent is asked by pings, and given up when it does not answer.
/// Returns never. Cancellation: safe, throws. Throws: InfrastructureError, it was refused or has ended, and why.
Task<> listen_by_websocket(Listening listening);

}  // namespace patchbay
