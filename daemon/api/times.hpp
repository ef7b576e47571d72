// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "core/clock.hpp"

namespace patchbay {

/// ISO 8601 with 'Z', an offset or none (UTC), a 'T' or a blank, seconds and fractions optional; "+01:00" may have come
/// as " 01:00" out of a URL. A bare date is no time. nullopt: no such thing.
std::optional<WallTime> parse_time(std::string_view text);

}  // namespace patchbay
