// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/map_reader.hpp"
#include "devices/description.hpp"
#include "devices/device.hpp"
#include "drivers/context.hpp"

namespace patchbay {

/// What a driver is made of.
struct DriverRequest {
    const DeviceDescription& device;
    std::string label;           ///< how messages name it: "device imx8-01: power"
    config::MapReader& options;  ///< to be read to the end, with finish()
    const DriverContext& context;
};

/// One line of the table of drivers.
struct DriverEntry {
    std::string_view kind;     ///< the capability: "power"; "machine" for what is a whole device
    std::string_view name;     ///< the word in a device's file: `driver: gpio`
    std::string_view summary;  ///< one line for people
    /// Adds mistakes in the options to the reader's problems, and touches no hardware.
    DriverPtr (*make)(const DriverRequest&);
};

const std::vector<DriverEntry>& builtin_drivers();

/// A device with the drivers that its description names.
/// Throws: ConfigurationError for unknown drivers, listing the known ones, and for options that a driver refuses: all
///         of them, with `file` and line.
Device make_device(const DeviceDescription& description, const DriverContext& context, const std::string& file = {});

/// The same, but only for its mistakes, which are added to `problems`.
void check_hardware(const DeviceDescription& description, const DriverContext& context, config::Problems& problems);

}  // namespace patchbay
