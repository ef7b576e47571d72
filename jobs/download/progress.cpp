// SPDX-License-Identifier: Apache-2.0
#include "jobs/download/progress.hpp"

#include <algorithm>
#include <cstdio>

namespace patchbay {
namespace {

constexpr std::uint64_t piece_size = 32 * 1024;  // lava_dispatcher/actions/deploy/download.py
constexpr std::uint64_t mega = 1024 * 1024;

}  // namespace

Progress::Progress(std::optional<std::uint64_t> size, Clock::time_point start,
                   std::function<void(const std::string&)> log)
    : size_{size && *size > 0 ? size : std::nullopt}, last_time_{start}, log_{std::move(log)} {}

void Progress::add(std::uint64_t bytes, Clock::time_point now) {
    seen_ += bytes;
    if (size_) {
        while (counted_ + piece_size <= seen_) piece(counted_ + piece_size);
        return;
    }
    if (seen_ < last_bytes_ + 25 * mega && now < last_time_ + std::chrono::seconds{1}) return;
    log_("progress " + megabytes(seen_));
    last_bytes_ = seen_;
    last_time_ = now;
}

void Progress::finish() {
    if (size_ && counted_ < seen_) piece(seen_);
}

void Progress::piece(std::uint64_t total) {
    counted_ = total;
    const auto percent = static_cast<int>(std::min(total, *size_) * 100 / *size_);
    if (percent < last_percent_ + 5) return;
    last_percent_ = percent;
    char text[32];
    std::snprintf(text, sizeof text, "progress %3d%% (", percent);
    log_(text + megabytes(total) + ")");
}

std::string megabytes(std::uint64_t bytes) { return std::to_string(bytes / mega) + "MB"; }

std::string downloaded_line(std::uint64_t bytes, std::chrono::nanoseconds took) {
    const double seconds = std::max(std::chrono::duration<double>(took).count(), 1e-6);
    char text[64];
    std::snprintf(text, sizeof text, " downloaded in %.2fs (%.2fMB/s)", seconds,
                  static_cast<double>(bytes) / static_cast<double>(mega) / seconds);
    return megabytes(bytes) + text;
}

}  // namespace patchbay
