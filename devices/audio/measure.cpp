// SPDX-License-Identifier: Apache-2.0
#include "devices/audio/measure.hpp"

#include <algorithm>
#include <cmath>

#include "devices/audio/oscillator.hpp"
#include "devices/audio/tones.hpp"

namespace patchbay {
namespace {

double ratio_db(double power, double reference) { return 0.5 * (dbfs_of(power) - dbfs_of(reference)); }

double mean_square(std::span<const double> samples) {
    double sum = 0;
    for (const auto sample : samples) sum += sample * sample;
    return samples.empty() ? 0 : sum / static_cast<double>(samples.size());
}

/// Takes the sine at `frequency` out of the samples. Returns its amplitude.
double take_out(Samples& samples, double frequency, int rate) {
    const auto step = 2 * M_PI * frequency / rate;
    Oscillator window{2 * M_PI / static_cast<double>(samples.size())};
    Oscillator carrier{-step};
    std::complex<double> sum;
    for (const auto sample : samples) sum += (1 - window.next().real()) * sample * carrier.next();
    sum *= 2.0 / static_cast<double>(samples.size());
    Oscillator again{step, std::arg(sum)};
    for (auto& sample : samples) sample -= std::abs(sum) * again.next().real();
    return std::abs(sum);
}

/// How much of the time the samples are within 1 % of their highest.
double share_at_top(std::span<const double> samples, double sign) {
    double top = 0;
    for (const auto sample : samples) top = std::max(top, sign * sample);
    const auto at_top = std::ranges::count_if(samples, [&](double sample) { return sign * sample >= 0.99 * top; });
    return static_cast<double>(at_top) / static_cast<double>(samples.size());
}

/// A sine is there in 4.5 % of the time, and sampled at few phases in more or less; one that was cut off is there
/// longer. `rest` is what the sine leaves of the samples.
bool is_flat_topped(std::span<const double> samples, std::span<const double> rest, double offset) {
    Samples measured(samples.begin(), samples.end()), ideal(samples.begin(), samples.end());
    for (std::size_t i = 0; i < samples.size(); ++i) {
        measured[i] -= offset;
        ideal[i] -= offset + rest[i];
    }
    return share_at_top(measured, 1) > 1.4 * share_at_top(ideal, 1) ||
           share_at_top(measured, -1) > 1.4 * share_at_top(ideal, -1);
}

}  // namespace

std::optional<ToneMeasurement> measure_tone(std::span<const double> samples, int rate) {
    auto tone = follow_tone(samples, rate);
    if (!tone) return std::nullopt;
    const auto clean = samples.subspan(tone->clean_from, tone->clean_to - tone->clean_from);
    const auto& fit = tone->fit;
    if (static_cast<double>(clean.size()) * fit.frequency < 5.0 * rate) return std::nullopt;

    ToneMeasurement measured;
    measured.frequency = fit.frequency;
    measured.level = dbfs_of(fit.amplitude);
    measured.offset = fit.offset;
    const auto power = fit.amplitude * fit.amplitude / 2;
    auto rest = without(fit, clean, rate);
    measured.flat_topped = is_flat_topped(clean, rest, fit.offset);
    measured.thd_n = ratio_db(mean_square(rest), power);
    double harmonics = 0;
    for (int k = 2; k <= 10 && k * fit.frequency < rate / 2.0; ++k) {
        const auto amplitude = take_out(rest, k * fit.frequency, rate);
        harmonics += amplitude * amplitude / 2;
    }
    measured.thd = ratio_db(harmonics, power);
    const auto noise = mean_square(rest);
    measured.snr = ratio_db(power, noise);
    measured.noise = dbfs_of(std::sqrt(2 * noise));

    // Within one and a half steps of 16 bits: the top of the scale is not reached on both sides.
    constexpr double full_scale = 1 - 1.5 / 32768;
    for (const auto sample : samples) {
        measured.peak = std::max(measured.peak, std::abs(sample));
        if (std::abs(sample) >= full_scale) ++measured.clipped;
    }
    measured.continuity = std::move(*tone);
    return measured;
}

double noise_level(std::span<const double> samples) {
    double mean = 0;
    for (const auto sample : samples) mean += sample / static_cast<double>(samples.size());
    return dbfs_of(std::sqrt(2 * std::max(0.0, mean_square(samples) - mean * mean)));
}

}  // namespace patchbay
