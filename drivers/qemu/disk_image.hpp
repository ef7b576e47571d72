// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay {

/// Why an image, judged by its first 128 bytes, could make QEMU open further files of the host; empty when it cannot.
/// A qcow2 file may name a backing file and a data file, a vmdk file its extents.
std::string image_refusal(std::string_view header);

/// Looks at every file inside `folder` that these words name.
/// Throws: JobError naming the file and the reason.
void check_disk_images(const std::vector<std::string>& words, const std::filesystem::path& folder);

}  // namespace patchbay
