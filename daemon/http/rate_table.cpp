// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/rate_table.hpp"

#include <algorithm>

namespace patchbay {
namespace {

Clock::duration seconds(double count) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{count});
}

}  // namespace

RateTable::RateTable(Rate rate, std::size_t keys)
    : interval_{rate.per_second > 0 ? std::max(seconds(1 / rate.per_second), Clock::duration{1}) : Clock::duration{0}},
      tolerance_{rate.per_second > 0 ? seconds(std::max(rate.at_once - 1, 0.) / rate.per_second) : Clock::duration{0}},
      keys_{keys} {}

Clock::duration RateTable::wait(std::uint64_t key, Clock::time_point now) const {
    const auto found = full_again_.find(key);
    if (found == full_again_.end()) return Clock::duration{0};
    return std::max(found->second - now - tolerance_, Clock::duration{0});
}

Clock::duration RateTable::take(std::uint64_t key, Clock::time_point now) {
    if (interval_ == Clock::duration{0}) return Clock::duration{0};
    const auto left = wait(key, now);
    if (left > Clock::duration{0}) return left;
    auto& full = entry(key, now);
    full = std::max(full, now) + interval_;
    return Clock::duration{0};
}

void RateTable::use_up(std::uint64_t key, Clock::time_point now) { entry(key, now) = now + tolerance_ + interval_; }

Clock::time_point& RateTable::entry(std::uint64_t key, Clock::time_point now) {
    if (full_again_.size() >= keys_ && !full_again_.contains(key)) make_room(now);
    return full_again_[key];
}

void RateTable::make_room(Clock::time_point now) {
    std::erase_if(full_again_, [now](const auto& entry) { return entry.second <= now; });
    // Half of the room at least: otherwise a crowd could have us look through all of it for each request.
    if (full_again_.size() > keys_ / 2) full_again_.clear();
}

}  // namespace patchbay
