// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

#include "devices/audio/sound.hpp"

namespace patchbay {

/// The discrete Fourier transform in place, without any factor; the inverse needs 1/length. The length is a power of 2.
enum class Direction { forward, inverse };
void transform(std::vector<std::complex<double>>& values, Direction direction);

/// How strong each frequency is: the mean of overlapping stretches with Hann's window.
struct Spectrum {
    double bin = 0;                  ///< hertz from one value to the next
    std::vector<double> amplitudes;  ///< of the sine that stands at n·bin; 1 is full scale
};

/// `length`: of a stretch, a power of 2; more gives finer frequencies. Shorter samples are filled up with silence.
Spectrum spectrum_of(std::span<const double> samples, int rate, std::size_t length);

/// The strongest frequency above 10 Hz, within a fraction of the resolution; 0 in silence. Unit: hertz.
double strongest_frequency(std::span<const double> samples, int rate);

/// Amplitude of a sine near `frequency`, with others about; the mean of stretches of 0.2 s, so that a clock that is off
/// by some 100 ppm does no harm. Goertzel's algorithm.
double amplitude_near(std::span<const double> samples, double frequency, int rate);

}  // namespace patchbay
