// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "devices/capability/capability.hpp"
#include "devices/capability/power.hpp"

namespace patchbay {

/// One wire to a board with a meaning: "reset", "recovery", a boot-mode strap. Active means what the name says,
/// whatever the voltage is. Between leases every line is inactive.
class Line : public Capability {
public:
    static constexpr std::string_view kind = "line";

    /// Cancellation: safe; the line is then in either state.
    /// Throws: InfrastructureError naming the adapter and the line: gone, refused, held by another, or it sticks.
    virtual Task<Switched> set(bool active) = 0;

    /// nullopt when the hardware cannot be asked. Throws: as set().
    virtual Task<std::optional<bool>> is_active() = 0;
};

/// Active for `held`, then inactive again, also when cancelled meanwhile. 100 ms is long for a reset line and short for
/// a person; a board that needs more says so.
Task<Switched> press(Line& line, Clock::duration held = std::chrono::milliseconds{100});

}  // namespace patchbay
