// SPDX-License-Identifier: Apache-2.0
#include "devices/audio/spectrum.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "devices/audio/oscillator.hpp"

namespace patchbay {
namespace {

/// Hann's window; its mean is 1/2.
std::vector<double> hann(std::size_t length) {
    std::vector<double> window(length);
    Oscillator oscillator{2 * M_PI / static_cast<double>(length)};
    for (auto& weight : window) weight = 0.5 - 0.5 * oscillator.next().real();
    return window;
}

std::complex<double> times(std::complex<double> a, std::complex<double> b) {  // operator* cares for infinities
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

void reverse_bits(std::vector<std::complex<double>>& values) {
    for (std::size_t i = 1, j = 0; i < values.size(); ++i) {
        auto bit = values.size() >> 1;
        for (; (j & bit) != 0; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i < j) std::swap(values[i], values[j]);
    }
}

}  // namespace

void transform(std::vector<std::complex<double>>& values, Direction direction) {
    const auto length = values.size();
    if (length < 2) return;
    reverse_bits(values);
    std::vector<std::complex<double>> turns(length / 2);
    const auto sign = direction == Direction::forward ? -1.0 : 1.0;
    Oscillator oscillator{sign * 2 * M_PI / static_cast<double>(length)};
    for (auto& turn : turns) turn = oscillator.next();
    for (std::size_t half = 1; half < length; half *= 2) {
        const auto stride = length / (2 * half);
        for (std::size_t start = 0; start < length; start += 2 * half) {
            for (std::size_t i = 0; i < half; ++i) {
                const auto odd = times(values[start + half + i], turns[i * stride]);
                const auto even = values[start + i];
                values[start + i] = even + odd;
                values[start + half + i] = even - odd;
            }
        }
    }
}

Spectrum spectrum_of(std::span<const double> samples, int rate, std::size_t length) {
    Spectrum spectrum{static_cast<double>(rate) / static_cast<double>(length), std::vector<double>(length / 2)};
    const auto window = hann(length);
    std::vector<std::complex<double>> values(length);
    std::size_t stretches = 0;
    for (std::size_t start = 0; stretches == 0 || start + length <= samples.size(); start += length / 2) {
        for (std::size_t i = 0; i < length; ++i) {
            values[i] = start + i < samples.size() ? window[i] * samples[start + i] : 0.0;
        }
        transform(values, Direction::forward);
        for (std::size_t i = 0; i < length / 2; ++i) spectrum.amplitudes[i] += std::norm(values[i]);
        ++stretches;
    }
    // 2 for the mirrored half of the spectrum, 2 for the mean of the window.
    const auto factor = 4.0 / static_cast<double>(length);
    for (auto& amplitude : spectrum.amplitudes) {
        amplitude = factor * std::sqrt(amplitude / static_cast<double>(stretches));
    }
    return spectrum;
}

double strongest_frequency(std::span<const double> samples, int rate) {
    const auto length = std::clamp<std::size_t>(std::bit_floor(samples.size()), 256, 16384);
    const auto spectrum = spectrum_of(samples, rate, length);
    const auto& at = spectrum.amplitudes;
    // Below are direct current and the foot of its peak.
    const auto lowest = std::max<std::size_t>(3, static_cast<std::size_t>(std::ceil(10 / spectrum.bin)));
    const auto peak = static_cast<std::size_t>(
        std::max_element(at.begin() + static_cast<std::ptrdiff_t>(lowest), at.end() - 1) - at.begin());
    if (at[peak] < 1e-12) return 0;
    // With Hann's window the larger neighbour tells exactly how far between the two bins the sine stands.
    const auto up = at[peak + 1], down = at[peak - 1];
    const auto ratio = std::max(up, down) / at[peak];
    const auto offset = (2 * ratio - 1) / (1 + ratio);
    return (static_cast<double>(peak) + (up > down ? offset : -offset)) * spectrum.bin;
}

double amplitude_near(std::span<const double> samples, double frequency, int rate) {
    const auto length = std::min(samples.size(), static_cast<std::size_t>(rate / 5));
    if (length < 16) return 0;
    const auto window = hann(length);
    const auto factor = 2 * std::cos(2 * M_PI * frequency / rate);
    double power = 0;
    std::size_t stretches = 0;
    for (std::size_t start = 0; start + length <= samples.size(); start += length, ++stretches) {
        double one = 0, two = 0;
        for (std::size_t i = 0; i < length; ++i) {
            const auto zero = window[i] * samples[start + i] + factor * one - two;
            two = one;
            one = zero;
        }
        power += one * one + two * two - factor * one * two;
    }
    return 4 / static_cast<double>(length) * std::sqrt(std::max(0.0, power) / static_cast<double>(stretches));
}

}  // namespace patchbay
