// SPDX-License-Identifier: Apache-2.0
#pragma once
// How an entry of the lab's configuration is kept in the store, and comes back.

#include <string>

#include "devices/lab.hpp"

namespace patchbay {

/// JSON for DeviceRow::configuration.
std::string format_device_configuration(const DeviceEntry& entry);
/// Throws: ConfigurationError, the text is not one of ours.
DeviceEntry parse_device_configuration(const std::string& hostname, const std::string& device_type,
                                       const std::string& json);

}  // namespace patchbay
