// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes small ISO 9660 images.

#include <filesystem>
#include <string>
#include <vector>

namespace patchbay::testing {

struct IsoEntry {
    std::string path;       ///< "install/vmlinuz"; folders above it are made
    std::string bytes;      ///< of a file
    std::string link = {};  ///< or it is a symbolic link to this
};

enum class IsoNames { rock_ridge, joliet, plain };

/// Throws: std::runtime_error.
void write_iso(const std::filesystem::path& file, const std::vector<IsoEntry>& entries,
               IsoNames names = IsoNames::rock_ridge);

}  // namespace patchbay::testing
