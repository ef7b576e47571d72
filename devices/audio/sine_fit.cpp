// SPDX-License-Identifier: Apache-2.0
#include "devices/audio/sine_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "devices/audio/oscillator.hpp"

namespace patchbay {
namespace {

constexpr std::size_t parameters = 4;  // of cosine, of sine, offset, change of the frequency
using Row = std::array<double, parameters + 1>;

/// Solves the normal equations of the first `count` parameters; the last column holds the right side.
std::array<double, parameters> solve(std::array<Row, parameters> rows, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        auto best = i;
        for (auto j = i + 1; j < count; ++j) {
            if (std::abs(rows[j][i]) > std::abs(rows[best][i])) best = j;
        }
        std::swap(rows[i], rows[best]);
        if (rows[i][i] == 0) continue;  // a parameter that changes nothing stays 0
        for (std::size_t j = 0; j < count; ++j) {
            if (j == i) continue;
            const auto factor = rows[j][i] / rows[i][i];
            for (auto k = i; k <= parameters; ++k) rows[j][k] -= factor * rows[i][k];
        }
    }
    std::array<double, parameters> solution{};
    for (std::size_t i = 0; i < count; ++i) solution[i] = rows[i][i] == 0 ? 0 : rows[i][parameters] / rows[i][i];
    return solution;
}

struct Fitted {
    double cosine = 0, sine = 0, offset = 0;
    double turn = 0;  ///< by how much more the angle grows from the first to the last sample
};

/// Fits about the sine with `step`; the fourth parameter is the derivative by the frequency of `before`.
Fitted fit(std::span<const double> samples, double step, const Fitted* before) {
    std::array<Row, parameters> sums{};
    Oscillator oscillator{step};
    const auto count = before == nullptr ? parameters - 1 : parameters;
    const auto length = static_cast<double>(samples.size());
    for (std::size_t n = 0; n < samples.size(); ++n) {
        const auto now = oscillator.next();
        Row row{now.real(), now.imag(), 1, 0, samples[n]};
        // Time runs from -1/2 to 1/2: otherwise the equations are nearly singular.
        if (before != nullptr) {
            row[3] =
                (static_cast<double>(n) / length - 0.5) * (before->sine * now.real() - before->cosine * now.imag());
        }
        for (std::size_t i = 0; i < count; ++i) {
            for (auto k = i; k <= parameters; ++k) sums[i][k] += row[i] * row[k];
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t k = 0; k < i; ++k) sums[i][k] = sums[k][i];
    }
    const auto solution = solve(sums, count);
    return {solution[0], solution[1], solution[2], solution[3]};
}

SineFit finished(const Fitted& fitted, std::span<const double> samples, double step, int rate) {
    SineFit result;
    result.frequency = step * rate / (2 * M_PI);
    result.amplitude = std::hypot(fitted.cosine, fitted.sine);
    result.phase = std::atan2(fitted.cosine, fitted.sine);
    result.offset = fitted.offset;
    double squares = 0;
    for (const auto left : without(result, samples, rate)) squares += left * left;
    result.residual = samples.empty() ? 0 : std::sqrt(squares / static_cast<double>(samples.size()));
    return result;
}

}  // namespace

SineFit fit_sine(std::span<const double> samples, double frequency, int rate) {
    const auto step = 2 * M_PI * frequency / rate;
    return finished(fit(samples, step, nullptr), samples, step, rate);
}

SineFit fit_sine_and_frequency(std::span<const double> samples, double near, int rate) {
    auto step = 2 * M_PI * near / rate;
    // The longer the stretch, the closer must the first guess be; a short one gives the guess for a longer one.
    for (std::size_t length = std::min<std::size_t>(samples.size(), 4096);;
         length = std::min(4 * length, samples.size())) {
        const auto stretch = samples.first(length);
        auto fitted = fit(stretch, step, nullptr);
        for (int round = 0; round < 6; ++round) {
            fitted = fit(stretch, step, &fitted);
            // Never further than one resolution: noise alone would throw it anywhere.
            const auto turn = std::clamp(fitted.turn, -2 * M_PI, 2 * M_PI);
            step = std::clamp(step + turn / static_cast<double>(length), 1e-9, M_PI);
            if (std::abs(turn) < 1e-9) break;
        }
        if (length == samples.size()) return finished(fit(samples, step, nullptr), samples, step, rate);
    }
}

Samples without(const SineFit& fit, std::span<const double> samples, int rate) {
    Samples left(samples.begin(), samples.end());
    Oscillator oscillator{2 * M_PI * fit.frequency / rate, fit.phase};
    for (auto& sample : left) sample -= fit.amplitude * oscillator.next().imag() + fit.offset;
    return left;
}

}  // namespace patchbay
