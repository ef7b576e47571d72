// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/config/yaml.hpp"

namespace patchbay {

/// Of a definition that is only judged: anybody may ask, so what it may cost is bounded more tightly than for jobs that
/// are stored.
inline constexpr config::YamlLimits open_door_limits{4 * 1024 * 1024, 64, 200'000};

}  // namespace patchbay
