// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "devices/description.hpp"
#include "devices/device.hpp"
#include "drivers/context.hpp"

namespace patchbay {

/// One line of the table of drivers.
struct DriverEntry {
    std::string_view name;     ///< the word in a device's file: `driver: qemu`
    std::string_view summary;  ///< one line for people
    DriverPtr (*make)(const DeviceDescription&, const DriverContext&);
};

const std::vector<DriverEntry>& builtin_drivers();

/// A device with the driver that its description names.
/// Throws: ConfigurationError for an unknown driver, listing the known ones, and for options that the driver refuses.
Device make_device(const DeviceDescription& description, const DriverContext& context);

}  // namespace patchbay
