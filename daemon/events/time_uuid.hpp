// SPDX-License-Identifier: Apache-2.0
#pragma once
// UUIDs of version 1, as LAVA names its events: they say their time, and no two are alike.

#include <cstdint>
#include <string>

#include "core/clock.hpp"

namespace patchbay {

class TimeUuids {
public:
    /// The part that stands for this process is random: no address of the machine is told.
    TimeUuids();
    /// "f918037a-e650-11f1-addf-02fc00000001". Later ones have later times, also when the clock is set back.
    std::string next(WallTime now);

private:
    std::uint64_t last_ = 0;  ///< 100 ns since 1582-10-15
    std::uint16_t sequence_ = 0;
    std::uint64_t node_ = 0;
};

}  // namespace patchbay
