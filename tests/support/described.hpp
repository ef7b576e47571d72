// SPDX-License-Identifier: Apache-2.0
#pragma once
// A device from the YAML of its `hardware`, as a lab's owner writes it.

#include <string>

#include "core/config/yaml.hpp"
#include "drivers/builtin.hpp"

namespace patchbay::testing {

/// `hardware` is what stands below that key, indented by two: "  console: {driver: serial, …}\n". The name is "board".
/// Throws: ConfigurationError, as for the file board.yaml.
inline Device described_device(const std::string& hardware, const DriverContext& context) {
    const auto value = config::parse_yaml("hardware:\n" + hardware);
    config::Problems problems{"board.yaml"};
    config::MapReader reader{value, "", problems};
    DeviceDescription description;
    description.name = "board";
    description.hardware = read_hardware(reader, problems);
    problems.raise_if_any();
    return make_device(description, context, "board.yaml");
}

/// Why it is refused; empty when it is not.
inline std::string refusal_of(const std::string& hardware, const DriverContext& context) {
    try {
        described_device(hardware, context);
    } catch (const ConfigurationError& error) {
        return error.what();
    }
    return "";
}

}  // namespace patchbay::testing
