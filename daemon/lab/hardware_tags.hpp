// SPDX-License-Identifier: Apache-2.0
#pragma once
// Each device has a tag for each kind of its `hardware`, so that a job which needs one goes to a device that has it.

#include <string>
#include <vector>

#include "devices/lab.hpp"

namespace patchbay {

/// "hardware:audio"
std::string hardware_tag(const std::string& kind);

/// Those of what the entry says, or else its device file. Nothing of a file that cannot be read: whoever starts a job
/// on the device is told.
std::vector<std::string> hardware_tags(const DeviceEntry& entry);

}  // namespace patchbay
