// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace patchbay {

/// What the drivers refuse in the `hardware` of a device file, or of the devices of a lab.yaml: one line each, with
/// file and place. No hardware is touched. Here, because only this program knows the drivers.
/// Throws: InfrastructureError, ConfigurationError when the file cannot be read as YAML.
std::vector<std::string> hardware_problems(const std::string& file);

}  // namespace patchbay
