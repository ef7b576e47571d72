// SPDX-License-Identifier: Apache-2.0
#include "core/whole_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/errors.hpp"

namespace patchbay {

void write_whole_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file << text;
    file.close();
    if (!file)
        throw InfrastructureError{"cannot write " + path.string() + ": " + std::strerror(errno) +
                                  "; check the space and the rights of its folder"};
}

}  // namespace patchbay
