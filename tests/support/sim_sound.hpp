// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sound to a simulated board and back: what is played comes back with known impairments, at once.

#include <string>

#include "devices/capability/audio.hpp"

namespace patchbay::testing {

class SimSound final : public Audio {
public:
    double gain = 1;
    std::size_t delay = 100;                   ///< samples
    std::size_t drop_at = 0, drop_length = 0;  ///< samples, from where the sound begins
    double clip_at = 1;                        ///< of full scale
    double hum = 0;                            ///< amplitude of the third harmonic of 997 Hz
    bool swapped = false;                      ///< the first two channels
    unsigned busy = 0;                         ///< of so many uses the card has to wait for the host
    std::string fails;                         ///< InfrastructureError with this text
    bool never_ends = false;
    Sound board;  ///< what the board plays by itself

    // What happened.
    Sound played;
    int uses = 0;

    Task<Played> play(Sound sound) override;
    Task<Captured> capture(std::chrono::milliseconds length, std::size_t channels, int rate) override;
    Task<Looped> loop(Sound sound, std::chrono::milliseconds after) override;

private:
    Task<unsigned> use();
    Samples through(const Samples& samples, std::size_t length, int rate) const;
};

}  // namespace patchbay::testing
