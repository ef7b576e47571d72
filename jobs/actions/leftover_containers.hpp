// SPDX-License-Identifier: Apache-2.0
#pragma once
// Containers outlive a runner that was killed: they are children of docker's daemon. Each is labelled with the name of
// the device, and a file of the device says that one was started.

#include <filesystem>
#include <functional>
#include <string>

#include "core/task.hpp"

namespace patchbay {

/// For `docker run`: "--label=patchbay.device=board-01".
std::string container_label(const std::string& device);

/// From now on this device may have containers. Throws: InfrastructureError, the file cannot be written.
void note_containers(const std::filesystem::path& state_dir, const std::string& device);

/// Removes every container of the device, in a time that is bounded. Where none was noted, no program is run.
/// Throws: InfrastructureError, one may still run.
Task<> remove_leftover_containers(std::filesystem::path state_dir, std::string device);

}  // namespace patchbay
