// SPDX-License-Identifier: Apache-2.0
#pragma once
// `hardware` of a device: which driver gives it which capability.
//
//   hardware:
//     console: {driver: serial, serial_number: FT4XYZ12, speed: 115200}
//     power: {driver: hid-relay, relay: HURTM, channel: 1}
//     line:                       # several of one kind have names
//       reset: {driver: gpio, chip: relay-board, line: RESET}
//       recovery: {driver: hid-relay, relay: HURTM, channel: 2}

#include <string>
#include <vector>

#include "core/config/map_reader.hpp"
#include "core/config/value.hpp"

namespace patchbay {

/// One capability of one device.
struct HardwareEntry {
    std::string kind;       ///< "console", "power", "line", "storage", "network", "audio"
    std::string name;       ///< "reset"; empty for the only one, or the main one
    std::string driver;     ///< a name of drivers/builtin.cpp
    config::Value options;  ///< the entry's mapping without `driver`; typed by the driver
    std::string path;       ///< where it stands, for messages: "hardware.line.reset"

    bool operator==(const HardwareEntry&) const = default;
};

/// Reads the mapping `hardware` of `device` (a device file, or an entry of lab.yaml). A mapping with the key `driver`
/// is one capability; one without holds capabilities by name. What is neither is a problem, and so is a kind that there
/// is not. The options stay unread: drivers/builtin.hpp types them.
std::vector<HardwareEntry> read_hardware(config::MapReader& device, config::Problems& problems);

}  // namespace patchbay
