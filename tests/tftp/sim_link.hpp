// SPDX-License-Identifier: Apache-2.0
#pragma once
// A client on a link that loses, doubles and reorders datagrams, in simulated time.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>

#include "tftp/transfer.hpp"

namespace patchbay::tftp {

struct Link {
    double lost = 0, doubled = 0, late = 0;  ///< parts of all datagrams, in both directions
    unsigned seed = 1;
    /// Instead: is the datagram with this number (counted in both directions, from 0) lost?
    std::function<bool(std::uint64_t)> loses;
};

struct Fetched {
    std::string bytes;  ///< what the client has
    Transfer::State server = Transfer::State::running;
    bool complete = false;        ///< says the client
    std::uint64_t datagrams = 0;  ///< that the server sent
    std::uint64_t blocks_again = 0;
};

/// Fetches `file` as RFC 1350 and 7440 have clients do it.
Fetched fetch(const std::string& file, const Options& options, Link link);

}  // namespace patchbay::tftp
