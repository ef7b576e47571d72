// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "core/task.hpp"
#include "devices/audio/sound.hpp"
#include "devices/capability/capability.hpp"

namespace patchbay {

/// Sound to a board and from it, through a sound card of this host. What it means is told by devices/audio/measure.hpp.
/// Rate and number of channels are chosen for each use; the card must have both.
/// All of these throw:  InfrastructureError naming the card: gone, refused, used by another, or it stands still;
///                      JobError, the card has no such rate or number of channels, or only the other direction.
/// Cancellation of all: safe; the card is given back within a tenth of a second.
class Audio : public Capability {
public:
    static constexpr std::string_view kind = "audio";

    struct Played {
        unsigned xruns = 0;  ///< how often the card had to wait for us: each is a gap that is no fault of the board's
    };
    struct Captured {
        Sound sound;
        unsigned xruns = 0;  ///< how often it had to throw samples away
    };
    struct Looped {
        Captured captured;
        Played played;
        /// When the first captured sample was taken, after the first played one was given out: usually negative, for
        /// capturing begins first. nullopt where the card does not tell.
        std::optional<std::chrono::nanoseconds> captured_after_played;
    };

    /// Done when: the last sample was given out.
    virtual Task<Played> play(Sound sound) = 0;

    virtual Task<Captured> capture(std::chrono::milliseconds length, std::size_t channels, int rate) = 0;

    /// Plays and captures at once, with as many channels as the sound has. Capturing begins before the sound, and goes
    /// on for `after` when it has ended.
    virtual Task<Looped> loop(Sound sound, std::chrono::milliseconds after) = 0;
};

}  // namespace patchbay
