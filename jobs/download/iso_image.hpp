// SPDX-License-Identifier: Apache-2.0
#pragma once
// Single files out of an ISO 9660 image, the form in which installers come.

#include <filesystem>
#include <string>
#include <vector>

#include "jobs/download/archive.hpp"

namespace patchbay {

struct IsoFile {
    std::string path;  ///< in the image: "/install.amd/vmlinuz"
    std::filesystem::path to;
};

/// Copies each of them. Names are those of Rock Ridge or Joliet; in an image that has neither, its capitals are
/// written small, as they are where Linux mounts it.
/// Throws: JobError (it is no such image; a path that is not there, with what is there; what is no regular file; more
/// than the limit), InfrastructureError (disk), Stopped.
void copy_from_iso(const std::filesystem::path& image, const std::vector<IsoFile>& files, const UnpackOptions& options,
                   const StopFlag& stop);

}  // namespace patchbay
