// SPDX-License-Identifier: Apache-2.0
#pragma once
// What one client may cost us. Every bound has a test in tests/daemon/http/limits_test.cpp.

#include <cstddef>

#include "core/clock.hpp"
#include "core/net/subnet.hpp"

namespace patchbay {

/// So many at once, and so many a second after that. 0 a second: no limit.
struct Rate {
    double per_second = 0;
    double at_once = 1;
};

/// What one client may do how often; more is answered with 429. Clients of this machine are not limited.
/// A thousand jobs that are each polled once a second, by one client or with one token, are half of what is allowed.
struct ClientRates {
    Rate requests{2000, 20'000};        ///< from one address
    Rate token_requests{2000, 20'000};  ///< with one token
    Rate failed_logins{1. / 6, 30};     ///< from one address
};

struct HttpLimits {
    std::size_t header_bytes = 16 * 1024;       ///< request line and headers together; more: 431
    std::size_t body_bytes = 16 * 1024 * 1024;  ///< definitions with inline files; more: 413
    /// Larger ones need a right (BodyRule) and count against `body_budget`. Small ones are bounded by `connections`:
    /// all together as much as the budget, and no crowd of large ones keeps an ordinary job out.
    std::size_t small_body_bytes = 64 * 1024;
    std::size_t body_budget = 128 * 1024 * 1024;    ///< of all large bodies, read or being answered; more: 503. And
                                                    ///< as much for all large answers that are being written
    std::chrono::nanoseconds handshake_time = 10s;  ///< of TLS, from the connection to its end
    std::chrono::nanoseconds header_time = 10s;     ///< from the first byte of a request to the end of its header
    std::chrono::nanoseconds body_idle = 30s;       ///< without a byte of the body
    std::chrono::nanoseconds body_time = 10min;     ///< of the whole body: 16 MB at 28 KB/s
    std::chrono::nanoseconds keep_alive = 75s;      ///< between two requests; longer than proxies' usual 60 s
    std::chrono::nanoseconds write_idle = 60s;      ///< without the client taking a byte of the answer
    std::chrono::nanoseconds stop_grace = 5s;       ///< for answers under way when the server stops
    std::size_t connections = 2048;                 ///< more: one that waits goes, or the new one gets a 503
    std::size_t connections_per_peer = 512;         ///< not of a trusted proxy: all its clients are one peer to us
    // Of a client that listens by WebSocket. It has nothing to say; what it says is read and forgotten.
    std::size_t websocket_message_bytes = 4096;        ///< more: it is told so and closed
    Rate websocket_frames{10, 600};                    ///< pings, pongs and pieces of messages; more: the same
    std::size_t websocket_heard_bytes = 64 * 1024;     ///< the same for one that somebody hears
    Rate websocket_heard_frames{200, 2000};            ///< as fast as a person types with a key held down, and more
    int websocket_unsent = 64 * 1024;                  ///< bytes that the system keeps for one that does not read
    std::chrono::nanoseconds websocket_ping = 30s;     ///< how often it is asked
    std::chrono::nanoseconds websocket_silence = 75s;  ///< without an answer to two of them
    std::chrono::nanoseconds websocket_write = 20s;    ///< until it has taken an event
    std::chrono::nanoseconds websocket_goodbye = 5s;   ///< for the closing handshake
    ClientRates rates;
    Subnets trusted_proxies;  ///< peers whose X-Forwarded-For, -Proto and -Host are believed
};

}  // namespace patchbay
