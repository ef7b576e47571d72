// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "devices/lab.hpp"

namespace patchbay {

/// The rendered file of a device that has one, else its variables as a LAVA device dictionary: "{% extends
/// 'qemu.jinja2' %}\n{% set memory = 512 %}\n".
std::string device_dictionary(const DeviceEntry& device);

/// The device as the runner of a job with this context (YAML, may be empty) would see it, as YAML.
/// Throws: ApiError 400 when the context cannot be used.
std::string rendered_device(const DeviceEntry& device, const std::string& context);

}  // namespace patchbay
