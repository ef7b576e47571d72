// SPDX-License-Identifier: Apache-2.0
#pragma once
// A relay's contact, a hub's port, a GPIO wire, an outlet: something that is on or off. A driver implements Switch;
// here it becomes the supply of a board (Power) or one of its wires (Line), with the read-back, the inversion and the
// safe state that all of them share.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "devices/driver.hpp"
#include "drivers/builtin.hpp"

namespace patchbay {

/// One contact. Making it touches no hardware; the first use opens what it needs.
class Switch {
public:
    virtual ~Switch() = default;

    /// How messages name it, with what the device's description says: "relay board LAB01, channel 1".
    virtual std::string name() const = 0;

    /// Done when:    the hardware took the command.
    /// Cancellation: safe; it is then in either state.
    /// Throws:       InfrastructureError naming the adapter, the port and the next step.
    virtual Task<> set(bool on) = 0;

    /// What the hardware says now, as set() means it; nullopt when it cannot be asked. Throws: as set().
    virtual Task<std::optional<bool>> read() = 0;

    /// As Driver::nodes().
    virtual std::vector<std::filesystem::path> nodes() const { return {}; }
};

using SwitchPtr = std::unique_ptr<Switch>;

/// `driver: X` under `power`. Common options: `inverted` (the contact is closed when the board is off) and
/// `safe_state`: what the lab wants between leases, `off` (also the default), `on` or `keep`.
DriverPtr make_switch_power(SwitchPtr (*make)(const DriverRequest&), const DriverRequest& request);
/// The same under `line`; between leases it is inactive. Common option: `inverted`.
DriverPtr make_switch_line(SwitchPtr (*make)(const DriverRequest&), const DriverRequest& request);

/// For the table of drivers: {"power", "gpio", …, power_of<make_gpio_switch>}.
template <SwitchPtr (*make)(const DriverRequest&)>
DriverPtr power_of(const DriverRequest& request) {
    return make_switch_power(make, request);
}
template <SwitchPtr (*make)(const DriverRequest&)>
DriverPtr line_of(const DriverRequest& request) {
    return make_switch_line(make, request);
}

}  // namespace patchbay
