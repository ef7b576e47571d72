// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>

#include "devices/capability/audio.hpp"

namespace patchbay {

/// What is to be played and captured, both at once.
struct TransferRequest {
    std::string playback;  ///< ALSA's name of the end; empty: nothing is played
    std::string capture;   ///< the same; empty: nothing is captured
    Sound sound;           ///< what is played; its rate and channels are those of both ends
    std::size_t channels = 0;
    int rate = 0;
    /// Captured is this much; when something is played, from its end on.
    std::chrono::milliseconds length{0};
};

/// `stop` was set.
struct TransferStopped {};

/// Blocks until all is done: for a worker's thread. Looks at `stop` twenty times a second.
/// Throws: PcmFailure (also when the card stands still for two seconds), TransferStopped.
Audio::Looped transfer(const TransferRequest& request, const std::atomic<bool>& stop);

}  // namespace patchbay
