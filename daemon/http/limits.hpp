// SPDX-License-Identifier: Apache-2.0
#pragma once
// What one client may cost us. Every bound has a test in tests/daemon/http/limits_test.cpp.

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "core/clock.hpp"

namespace patchbay {

struct HttpLimits {
    std::size_t header_bytes = 16 * 1024;       ///< request line and headers together; more: 431
    std::size_t body_bytes = 16 * 1024 * 1024;  ///< definitions with inline files; more: 413 (lava-server.md 1.1)
    /// Larger ones need a right (BodyRule) and count against `body_budget`. Small ones are bounded by `connections`:
    /// all together as much as the budget, and no crowd of large ones keeps an ordinary job out.
    std::size_t small_body_bytes = 64 * 1024;
    std::size_t body_budget = 128 * 1024 * 1024;  ///< of all large bodies, read or being answered; more: 503
    std::chrono::nanoseconds header_time = 10s;   ///< from the first byte of a request to the end of its header
    std::chrono::nanoseconds body_idle = 30s;     ///< without a byte of the body
    std::chrono::nanoseconds keep_alive = 75s;    ///< between two requests; longer than proxies' usual 60 s
    std::chrono::nanoseconds write_idle = 60s;    ///< without the client taking a byte of the answer
    std::chrono::nanoseconds stop_grace = 5s;     ///< for answers under way when the server stops
    std::size_t connections = 2048;
    std::size_t connections_per_peer = 512;  ///< not of a trusted proxy: all its clients are one peer to us
    /// Peers whose X-Forwarded-Proto and X-Forwarded-Host are believed, as addresses.
    std::vector<std::string> trusted_proxies;

    bool trusts(const std::string& peer) const {
        return std::find(trusted_proxies.begin(), trusted_proxies.end(), peer) != trusted_proxies.end();
    }
};

}  // namespace patchbay
