// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a captured tone says of the way it came. Pure: samples in, numbers out.
// Levels are in dBFS: 0 is the sine that just fills the scale, for noise a noise of that sine's power (AES17).

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "devices/audio/continuity.hpp"
#include "devices/audio/sound.hpp"

namespace patchbay {

/// One channel. What stands from `frequency` to `noise` is measured where the tone has no glitch, over the longest such
/// stretch; the rest over all samples.
struct ToneMeasurement {
    double frequency = 0;      ///< hertz, by the clock of the capturing side
    double level = 0;          ///< dBFS
    double offset = 0;         ///< direct current; 1 is full scale
    double thd = 0;            ///< dB: harmonics 2 to 10 that are below half the rate, against the tone
    double thd_n = 0;          ///< dB: all that is not the tone, against it; SINAD is the same with the other sign
    double snr = 0;            ///< dB: the tone against all but its harmonics
    double noise = 0;          ///< dBFS: all but the tone and its harmonics
    double peak = 0;           ///< 1 is full scale
    std::size_t clipped = 0;   ///< samples at full scale
    bool flat_topped = false;  ///< cut off somewhere, at full scale or below
    ContinuousTone continuity;

    double sinad() const { return -thd_n; }
};

/// nullopt when there is no tone: silence, noise, or less than five periods without a glitch.
std::optional<ToneMeasurement> measure_tone(std::span<const double> samples, int rate);

/// The level of what is captured while nothing is played, without direct current. Unit: dBFS.
double noise_level(std::span<const double> samples);

/// What one captured channel carries when tones are played, each on a channel of its own.
struct ChannelSource {
    std::optional<std::size_t> source;  ///< the channel it was played on; none: silence, or a mixture
    double level = 0;                   ///< dBFS, of the strongest tone
    double crosstalk = 0;               ///< dB: the strongest of the other tones against it
    bool mixed = false;                 ///< several tones, none much louder than the others
};

/// One for each captured channel; `tones` are the frequencies of the played ones, in their order.
std::vector<ChannelSource> map_channels(const Sound& heard, std::span<const double> tones);

/// Where a played sweep was heard.
struct Arrival {
    double at = 0;          ///< the sample where it begins; with a fraction
    bool inverted = false;  ///< polarity
    double likeness = 0;    ///< 0 to 1: how much of what was heard there is the sweep
};

/// By cross-correlation. nullopt: it is not there. The latency is `at` minus the place where it was played, both on one
/// clock.
std::optional<Arrival> find_arrival(std::span<const double> heard, std::span<const double> played);

}  // namespace patchbay
