// SPDX-License-Identifier: Apache-2.0
#pragma once
// Android's sparse images: a disk image whose empty and uniform parts are only counted
// (platform/system/core, libsparse/sparse_format.h).

#include <cstdint>
#include <filesystem>

#include "jobs/download/archive.hpp"

namespace patchbay {

/// Writes the disk image that `sparse` stands for. Throws: JobError (no such image, broken, over the limit),
/// InfrastructureError (disk), Stopped.
void expand_sparse(const std::filesystem::path& sparse, const std::filesystem::path& image, const UnpackLimits& limits,
                   const StopFlag& stop);

/// The way back. Blocks of one repeated word become a count. Throws: InfrastructureError, Stopped.
void make_sparse(const std::filesystem::path& image, const std::filesystem::path& sparse, const StopFlag& stop);

}  // namespace patchbay
