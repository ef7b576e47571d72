// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace patchbay {

/// Turns arriving bytes into LAVA's progress lines. LAVA counts in pieces of 32 KiB, and so do we, whatever the network
/// gives: the same file makes the same lines. No I/O; the caller tells the time.
class Progress {
public:
    using Clock = std::chrono::steady_clock;

    /// `size` in bytes, when the source told it: a line every 5 %. Else every 25 MB or every second.
    Progress(std::optional<std::uint64_t> size, Clock::time_point start, std::function<void(const std::string&)> log);

    void add(std::uint64_t bytes, Clock::time_point now);
    /// The last, unfinished piece.
    void finish();

private:
    void piece(std::uint64_t total);

    std::optional<std::uint64_t> size_;
    Clock::time_point last_time_;
    std::function<void(const std::string&)> log_;
    std::uint64_t seen_ = 0;
    std::uint64_t counted_ = 0;
    std::uint64_t last_bytes_ = 0;
    int last_percent_ = -5;
};

/// "13MB": whole units of 1048576 bytes.
std::string megabytes(std::uint64_t bytes);
/// "13MB downloaded in 0.11s (128.56MB/s)".
std::string downloaded_line(std::uint64_t bytes, std::chrono::nanoseconds took);

}  // namespace patchbay
