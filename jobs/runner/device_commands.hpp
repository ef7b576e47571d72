// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/deadline.hpp"
#include "core/task.hpp"
#include "devices/description.hpp"

namespace patchbay {

/// Runs what the device's file has under `commands.<name>`, one after the other; false when it has none. `on_line` gets
/// what they print. `job`: what they find as LAVA_JOB_ID.
/// Throws: InfrastructureError naming the device and the command that failed; TimedOut.
Task<bool> run_device_commands(const DeviceDescription& device, std::string name, std::string job, Deadline deadline,
                               std::function<void(std::string_view)> on_line);

}  // namespace patchbay
