// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is played to measure: tones, a sweep, silence.

#include <cstddef>
#include <vector>

#include "devices/audio/sound.hpp"

namespace patchbay {

/// Amplitude of a level: 1 for 0 dBFS, the sine that just fills the scale.
double amplitude_of(double dbfs);
/// The other way round; -300 for nothing at all.
double dbfs_of(double amplitude);

/// A sine. Units: hertz, samples a second, radians.
Samples sine(double frequency, double amplitude, std::size_t length, int rate, double phase = 0);

/// A sweep whose frequency rises evenly from `from` to `to` hertz, and whose ends are faded so that nothing clicks.
Samples sweep(double from, double to, double amplitude, std::size_t length, int rate);

/// A frequency for each channel, none a multiple of another nor of its harmonics: who hears two of them can tell which
/// is which. All are whole hertz, so that in whole seconds there are whole periods. At most 16 channels.
std::vector<double> channel_tones(std::size_t channels);

/// channel_tones(), each on its own channel.
Sound tone_on_each_channel(std::size_t channels, double amplitude, std::size_t length, int rate);

}  // namespace patchbay
