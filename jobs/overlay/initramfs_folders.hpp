// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "jobs/download/stop_flag.hpp"

namespace patchbay {

/// "lib/modules": the folders and links of an initial ramdisk's first archive, as far as it can be read. Throws:
/// Stopped.
std::set<std::string> folders_of_initramfs(const std::filesystem::path& initramfs, const StopFlag& stop);

}  // namespace patchbay
