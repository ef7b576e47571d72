// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "devices/capability/storage.hpp"

namespace patchbay {

struct JobContext;

/// Writes an image onto a medium that the host has, and logs each tenth of it. `name`: what the log calls the medium.
/// Throws, cancellation: as Storage::write_image().
Task<> write_medium(JobContext& job, Storage& medium, std::filesystem::path image, std::string name);

}  // namespace patchbay
