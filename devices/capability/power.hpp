// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "devices/capability/capability.hpp"

namespace patchbay {

/// How far a switch is to be believed.
enum class Switched {
    verified,    ///< the hardware was asked afterwards and says so
    unverified,  ///< the command was taken; nothing can be read back
};

/// Switches the supply of one board; for a virtual machine, its existence.
class Power : public Capability {
public:
    static constexpr std::string_view kind = "power";

    /// Closes the supply; closing it twice is harmless. A machine that only starts with boot arguments
    /// (DirectBoot) has nothing to do here.
    /// Done when:    the switch confirmed. The board may still be dark.
    /// Cancellation: safe; the supply is then in either state.
    /// Throws:       InfrastructureError, the switch is gone, refused, or reads back otherwise (a relay that sticks).
    virtual Task<Switched> on() = 0;

    /// Opens the supply. Otherwise as on(). Done when nothing of the device runs any more.
    virtual Task<Switched> off() = 0;

    /// What the hardware says now: true is on; nullopt when it cannot be read back. Throws: as on().
    virtual Task<std::optional<bool>> is_on() = 0;

    /// How messages name it: "relay board LAB01, channel 1", "qemu".
    virtual std::string description() const = 0;

    /// Is it off between leases? A lab may want otherwise (`safe_state`).
    virtual bool is_off_between_leases() const { return true; }
};

/// off, `dark`, on. `dark` must outlast the board's bulk capacitors; 2 s is what labgrid's power drivers wait
/// (labgrid/driver/powerdriver.py). Cancellation: safe; the supply is then in either state.
Task<Switched> cycle(Power& power, Clock::duration dark = std::chrono::seconds{2});

}  // namespace patchbay
