// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a device remembers of its leases outside of the store: the highest fencing number that a runner ever had.

#include <filesystem>
#include <string>

#include "core/ids.hpp"

namespace patchbay {

std::filesystem::path fence_file(const std::filesystem::path& state_dir, const std::string& device);
/// 0: no runner had the device yet.
Fence seen_fence(const std::filesystem::path& file);

}  // namespace patchbay
