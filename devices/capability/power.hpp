// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/task.hpp"
#include "devices/capability/capability.hpp"

namespace patchbay {

/// Switches the supply of one board; for a virtual machine, its existence.
class Power : public Capability {
public:
    static constexpr std::string_view kind = "power";

    /// Closes the supply; closing it twice is harmless. A machine that only starts with boot arguments
    /// (DirectBoot) has nothing to do here.
    /// Done when:    the switch confirmed. The board may still be dark.
    /// Cancellation: safe; the supply is then in either state.
    /// Throws:       InfrastructureError, the switch is gone or refused.
    virtual Task<> on() = 0;

    /// Opens the supply. Otherwise as on(). Done when nothing of the device runs any more.
    virtual Task<> off() = 0;
};

}  // namespace patchbay
