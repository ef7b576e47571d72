// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a captured tone is not the tone that was played: drop-outs, lost and repeated samples, clicks.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "devices/audio/sine_fit.hpp"
#include "devices/audio/sound.hpp"

namespace patchbay {

/// A place where the tone breaks. All units are samples.
struct Glitch {
    std::size_t at = 0;      ///< the first sample that is wrong
    std::size_t length = 0;  ///< how many are wrong; 0 where the tone only jumps
    /// By how much the tone is ahead afterwards: positive, samples were lost; negative, some were repeated or put in.
    /// A tone repeats, so this is known up to whole periods only, and given within half a period: lost_samples() knows
    /// more from several channels.
    double shift = 0;
};

/// A tone from its first to its last sample.
struct ContinuousTone {
    std::size_t begins = 0, ends = 0;          ///< outside is silence or something else; `ends` is one after the last
    std::vector<Glitch> glitches;              ///< between them
    std::size_t clean_from = 0, clean_to = 0;  ///< the longest stretch without one
    SineFit fit;                               ///< of that stretch
};

/// Follows the strongest tone of the samples. A glitch is seen when it stands out of the noise and the distortion: in a
/// clean recording one lost sample or a click of 1 % of the tone is enough, at a ratio of 40 dB it needs 15 %.
/// nullopt: no tone is there, only silence or noise.
std::optional<ContinuousTone> follow_tone(std::span<const double> samples, int rate);

/// How many samples were lost (negative: repeated) by a break that all channels saw: the smallest number within `most`
/// that fits every channel's shift. Two of the channel_tones() tell up to 700 samples apart. nullopt: none does.
/// `shifts` and `frequencies` have one value for each channel.
std::optional<long> lost_samples(std::span<const double> shifts, std::span<const double> frequencies, int rate,
                                 long most);

}  // namespace patchbay
