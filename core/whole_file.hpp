// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace patchbay {

/// Makes the file hold just this. Throws: InfrastructureError naming the file and the reason.
void write_whole_file(const std::filesystem::path& path, const std::string& text);

}  // namespace patchbay
