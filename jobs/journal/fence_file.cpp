// SPDX-License-Identifier: Apache-2.0
#include "jobs/journal/fence_file.hpp"

#include <fstream>

namespace patchbay {

std::filesystem::path fence_file(const std::filesystem::path& state_dir, const std::string& device) {
    // Device names come from configuration; a path in one must not leave the folder.
    auto name = device;
    for (auto& c : name) {
        if (c == '/' || c == '\0') c = '_';
    }
    if (name.empty() || name[0] == '.') name = "_" + name;
    return state_dir / "fences" / name;
}

Fence seen_fence(const std::filesystem::path& file) {
    Fence fence;
    std::ifstream{file} >> fence.value;
    return fence;
}

}  // namespace patchbay
