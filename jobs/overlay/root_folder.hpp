// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "jobs/overlay/overlay_tree.hpp"

namespace patchbay {

/// Puts the tree into a root file system that is a folder of this host, as the system that boots from it would see its
/// paths: a link such as "lib -> usr/lib" or "/lib -> /usr/lib" is followed inside the folder and never leads out of
/// it. Folders that are there keep their modes; files are replaced. What is made belongs to root, if this process may.
/// Throws: JobError (a folder's name is that of a file there), InfrastructureError (disk), Stopped.
void write_into_root(const OverlayTree& tree, const std::filesystem::path& root, const StopFlag& stop);

}  // namespace patchbay
