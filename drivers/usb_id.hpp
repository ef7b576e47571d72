// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/config/map_reader.hpp"

namespace patchbay {

/// A vendor or product id: four hexadecimal digits in lower case, as lsusb and sysfs print them; empty when absent.
/// What YAML takes for a number is a problem: 0403 would be octal, 2341 decimal.
std::string read_usb_id(config::MapReader& options, std::string_view key);

/// The sysfs name of a USB device, which says where it is plugged in: "1-1.4"; empty when absent.
std::string read_usb_path(config::MapReader& options, std::string_view key);

/// Text that YAML must not take for a number; empty when absent.
std::string read_quoted(config::MapReader& options, std::string_view key);

}  // namespace patchbay
