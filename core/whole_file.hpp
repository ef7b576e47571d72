// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace patchbay {

/// Throws: InfrastructureError naming the file and the reason, also for a folder and for more than `limit` bytes.
std::string read_whole_file(const std::filesystem::path& path, std::size_t limit = 64 * 1024 * 1024);

/// Makes the file hold just this. Throws: InfrastructureError naming the file and the reason.
void write_whole_file(const std::filesystem::path& path, const std::string& text);

}  // namespace patchbay
