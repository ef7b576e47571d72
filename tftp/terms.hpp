// SPDX-License-Identifier: Apache-2.0
#pragma once
// What client and server agree on before the first block (RFC 2347 to 2349, 7440), pure.

#include <chrono>
#include <cstdint>

#include "tftp/packet.hpp"

namespace patchbay::tftp {

struct Terms {
    std::size_t block_size = 512;
    unsigned window = 1;  ///< blocks that are sent before an acknowledgement is waited for
    std::chrono::seconds timeout{1};
    Options agreed;  ///< for the OACK; empty: the client asked for nothing that we know
};

/// What is sent before an acknowledgement, so what is held in memory for a transfer: at most 256 KiB and 128 blocks.
constexpr std::size_t largest_window = 256 * 1024;
constexpr unsigned most_blocks_in_window = 128;
/// A client that is gone is waited for six times as long; RFC 2349 would allow 255 s.
constexpr std::chrono::seconds longest_timeout{30};

/// Options that are unknown, or have a value that is none, are left out, as RFC 2347 wants: the client then goes on
/// without them.
Terms agree(const Options& wanted, std::uint64_t file_size);

}  // namespace patchbay::tftp
