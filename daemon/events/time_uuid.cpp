// SPDX-License-Identifier: Apache-2.0
#include "daemon/events/time_uuid.hpp"

#include <array>
#include <cstdio>
#include <random>

namespace patchbay {

TimeUuids::TimeUuids() {
    std::random_device random;
    sequence_ = static_cast<std::uint16_t>(random() & 0x3FFFU);
    // The multicast bit says that this is no network card (RFC 4122 section 4.5).
    node_ = ((std::uint64_t{random()} << 32 | random()) & 0xFFFFFFFFFFFFULL) | 0x010000000000ULL;
}

std::string TimeUuids::next(WallTime now) {
    constexpr std::uint64_t to_1970 = 0x01B21DD213814000ULL;
    const auto time = static_cast<std::uint64_t>(now.time_since_epoch().count()) * 10 + to_1970;
    last_ = std::max(time, last_ + 1);
    std::array<char, 40> text;
    std::snprintf(text.data(), text.size(), "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(last_ & 0xFFFFFFFFU),
                  static_cast<unsigned>(last_ >> 32 & 0xFFFFU), static_cast<unsigned>(last_ >> 48 & 0x0FFFU) | 0x1000U,
                  unsigned{sequence_} | 0x8000U, static_cast<unsigned long long>(node_));
    return text.data();
}

}  // namespace patchbay
