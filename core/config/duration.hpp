// SPDX-License-Identifier: Apache-2.0
#pragma once
// Durations as people write them.

#include <chrono>
#include <optional>
#include <string_view>

#include "core/config/value.hpp"

namespace patchbay::config {

/// "200ms", "90s", "5m", "2h", "1d", and sums of them ("1h30m"); nullopt for anything else, also beyond a century.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// LAVA's {minutes: 2, seconds: 30}: the sum, at most a year. 0 means the default of 30 s (lava_common/timeout.py).
/// Units that are no whole number above 0 count nothing.
std::chrono::seconds sum_of_units(const Map& units);

}  // namespace patchbay::config
