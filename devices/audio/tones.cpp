// SPDX-License-Identifier: Apache-2.0
#include "devices/audio/tones.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "devices/audio/oscillator.hpp"

namespace patchbay {

double amplitude_of(double dbfs) { return std::pow(10.0, dbfs / 20); }

double dbfs_of(double amplitude) { return amplitude < 1e-15 ? -300.0 : 20 * std::log10(amplitude); }

Samples sine(double frequency, double amplitude, std::size_t length, int rate, double phase) {
    Samples samples(length);
    Oscillator oscillator{2 * M_PI * frequency / rate, phase};
    for (auto& sample : samples) sample = amplitude * oscillator.next().imag();
    return samples;
}

Samples sweep(double from, double to, double amplitude, std::size_t length, int rate) {
    Samples samples(length);
    // The angle of a step grows by the same angle each time: a rotation of the rotation.
    const auto steps = static_cast<double>(std::max<std::size_t>(length, 1));
    const auto growth = std::polar(1.0, 2 * M_PI * (to - from) / rate / steps);
    auto turn = std::polar(1.0, 2 * M_PI * from / rate);
    std::complex<double> now{1, 0};
    const auto fade = std::max<std::size_t>(length / 20, 1);
    for (std::size_t i = 0; i < length; ++i) {
        const auto edge = std::min(i, length - 1 - i);
        samples[i] = amplitude * now.imag() * std::min(1.0, static_cast<double>(edge) / static_cast<double>(fade));
        now *= turn;
        turn *= growth;
        if (i % 256 == 0) now /= std::abs(now), turn /= std::abs(turn);
    }
    return samples;
}

std::vector<double> channel_tones(std::size_t channels) {
    // Primes, apart by more than the width of a measurement, below half of 8 kHz.
    constexpr std::array<double, 16> tones{997,  1153, 1301, 1447, 1571, 1709, 1847, 1987,
                                           2129, 2267, 2399, 2539, 2677, 2819, 2957, 3109};
    if (channels > tones.size()) throw std::invalid_argument{"tones for at most 16 channels"};
    return {tones.begin(), tones.begin() + static_cast<std::ptrdiff_t>(channels)};
}

Sound tone_on_each_channel(std::size_t channels, double amplitude, std::size_t length, int rate) {
    Sound sound{rate, {}};
    for (const auto frequency : channel_tones(channels)) {
        sound.channels.push_back(sine(frequency, amplitude, length, rate));
    }
    return sound;
}

}  // namespace patchbay
