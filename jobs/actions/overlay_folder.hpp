// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "core/task.hpp"

namespace patchbay {

class Overlay;
struct JobContext;

/// Writes the overlay into a folder called `name` in the job's own, for programs of this host and containers. Returns
/// that folder: what is "/lava-42" on a target is "lava-42" in it.
Task<std::filesystem::path> write_overlay_folder(JobContext& job, const Overlay& overlay, std::string name);

}  // namespace patchbay
