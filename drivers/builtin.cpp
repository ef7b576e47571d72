// SPDX-License-Identifier: Apache-2.0
#include "drivers/builtin.hpp"

#include "drivers/qemu/qemu.hpp"

namespace patchbay {

const std::vector<DriverEntry>& builtin_drivers() {
    static const std::vector<DriverEntry> table{
        {"qemu", "a virtual machine, started anew for every boot", make_qemu},
    };
    return table;
}

Device make_device(const DeviceDescription& description, const DriverContext& context) {
    std::string known;
    for (const auto& entry : builtin_drivers()) {
        if (entry.name == description.driver) {
            std::vector<DriverPtr> drivers;
            drivers.push_back(entry.make(description, context));
            return Device{description.name, std::move(drivers)};
        }
        known += (known.empty() ? "" : ", ") + std::string{entry.name};
    }
    const auto problem = description.driver.empty() ? "names no driver" : "unknown driver '" + description.driver + "'";
    throw ConfigurationError{"device " + description.name + ": " + problem + "; known drivers: " + known};
}

}  // namespace patchbay
