// SPDX-License-Identifier: Apache-2.0
#pragma once
// Signals whose truth is known, disturbed on purpose.

#include <cmath>
#include <cstdint>
#include <random>

#include "devices/audio/tones.hpp"
#include "devices/audio/wav.hpp"

namespace patchbay::testing {

inline Samples& operator+=(Samples& samples, const Samples& more) {
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] += more[i];
    return samples;
}

/// White, normally distributed; `rms` of full scale 1.
inline Samples noise(double rms, std::size_t length, unsigned seed = 1) {
    std::mt19937 random{seed};
    std::normal_distribution<double> values{0, rms};
    Samples samples(length);
    for (auto& sample : samples) sample = values(random);
    return samples;
}

/// As a card of this format hands it over.
inline Samples through_card(const Samples& samples, int rate, SampleFormat format = SampleFormat::s16) {
    const Sound sound{rate, {samples}};
    return sound_of(pcm_of(sound, format), format, 1, rate).channels.front();
}

inline void clip(Samples& samples, double limit) {
    for (auto& sample : samples) sample = std::clamp(sample, -limit, limit);
}

}  // namespace patchbay::testing
