// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>

#include "core/clock.hpp"

namespace patchbay {

/// `earliest` becomes `time` when that is there and comes before it.
inline void keep_earliest(std::optional<WallTime>& earliest, std::optional<WallTime> time) {
    if (time) earliest = std::min(earliest.value_or(*time), *time);
}

}  // namespace patchbay
