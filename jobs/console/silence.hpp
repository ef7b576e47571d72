// SPDX-License-Identifier: Apache-2.0
#pragma once
// Is the board off? Where nothing says what a supply really does, the board's console does.

#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/errors.hpp"
#include "core/task.hpp"
#include "devices/capability/power.hpp"

namespace patchbay {

/// A console that is open, as somebody listens to it.
class Witness {
public:
    virtual ~Witness() = default;

    /// What the board says within that time. A stream that has ended is silent.
    virtual Task<std::string> hear(Clock::duration time) = 0;
    /// Types an empty line, which a shell or a boot loader answers. Takes a second at most; a line that cannot be typed
    /// is none.
    virtual Task<> call() = 0;
    /// Has it ever said anything? Else its silence says nothing.
    virtual bool has_spoken() const = 0;
};

/// A supply was switched off, and the board still speaks.
struct StillOnError : InfrastructureError {
    using InfrastructureError::InfrastructureError;
};

/// How it is known that a board is off.
enum class KnownBy {
    reading_back,
    silence,  ///< of a console that has spoken before
    nothing,
};

/// Switches the supply off. What cannot be read back is heard: `console` (null: none is open) lets the board say its
/// last words, types an empty line and listens, for three seconds together, and for five more while it still speaks.
/// Cancellation: safe.
/// Throws:       as Power::off(); StillOnError naming the device, the supply, what the board says, and the next step.
Task<KnownBy> switch_off_and_listen(Power& supply, Witness* console, std::string device);

/// What of these bytes are words: one line, shortened; empty for noise, which the line of a board without power can
/// make. Pure.
std::string words_in(std::string_view bytes);

}  // namespace patchbay
