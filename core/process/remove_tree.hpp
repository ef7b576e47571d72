// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace patchbay {

/// Removes a folder with all that is in it, or a file; it may be gone already. What its owner may not write into is
/// made writable, and what cannot be removed stops nothing: all else goes. No symbolic link is followed. Blocks.
/// Returns what stays, why, and what to do: a sentence; empty: nothing stays.
std::string remove_tree(const std::filesystem::path& path);

}  // namespace patchbay
