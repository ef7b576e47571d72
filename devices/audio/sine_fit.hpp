// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "devices/audio/sound.hpp"

namespace patchbay {

/// The sine that fits samples best, by least squares.
struct SineFit {
    double frequency = 0;  ///< hertz
    double amplitude = 0;
    double phase = 0;     ///< radians at the first sample: amplitude·sin(phase + 2π·frequency·n/rate) + offset
    double offset = 0;    ///< direct current
    double residual = 0;  ///< root of the mean square of what is left
};

/// Amplitude, phase and offset at a known frequency (IEEE 1057: three parameters).
SineFit fit_sine(std::span<const double> samples, double frequency, int rate);

/// The frequency as well (four parameters). `near` must be closer than the resolution of 4096 samples (rate/4096), or
/// of all samples where there are fewer.
SineFit fit_sine_and_frequency(std::span<const double> samples, double near, int rate);

/// What is left of the samples without the sine.
Samples without(const SineFit& fit, std::span<const double> samples, int rate);

}  // namespace patchbay
