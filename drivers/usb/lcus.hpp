// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace patchbay {

/// One order of the LCUS protocol, which relay boards with a CH340 and the HID board LC-US8 share. There is no answer.
inline std::array<std::uint8_t, 4> lcus_frame(std::uint8_t channel, bool on) {
    const std::uint8_t state = on ? 1 : 0;
    return {0xa0, channel, state, static_cast<std::uint8_t>(0xa0 + channel + state)};
}

}  // namespace patchbay
