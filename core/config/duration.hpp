// SPDX-License-Identifier: Apache-2.0
#pragma once
// Durations as people write them.

#include <chrono>
#include <optional>
#include <string_view>

namespace patchbay::config {

/// "200ms", "90s", "5m", "2h", "1d", and sums of them ("1h30m"); nullopt for anything else, also beyond a century.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace patchbay::config
