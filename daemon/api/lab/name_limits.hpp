// SPDX-License-Identifier: Apache-2.0
#pragma once
// How long names may be, in characters (lava_scheduler_app/models: max_length).

#include <cstddef>

namespace patchbay {

inline constexpr std::size_t longest_name = 200;  ///< of an alias, a device type
inline constexpr std::size_t longest_tag = 45;
inline constexpr std::size_t longest_description = 4096;

}  // namespace patchbay
