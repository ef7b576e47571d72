// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "jobs/download/stop_flag.hpp"

struct archive;

namespace patchbay {

/// Reads all compressions of the kernel's that libarchive undoes by itself; the format is for the caller to add.
std::unique_ptr<archive, int (*)(archive*)> initramfs_reader();

/// "lib/modules": the folders and links of an initial ramdisk's first archive, as far as it can be read. Throws:
/// Stopped.
std::set<std::string> folders_of_initramfs(const std::filesystem::path& initramfs, const StopFlag& stop);

}  // namespace patchbay
