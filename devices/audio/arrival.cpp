// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>

#include "devices/audio/measure.hpp"
#include "devices/audio/spectrum.hpp"

namespace patchbay {
namespace {

using Values = std::vector<std::complex<double>>;

Values transformed(std::span<const double> samples, std::size_t length) {
    Values values(length);
    std::ranges::copy(samples, values.begin());
    transform(values, Direction::forward);
    return values;
}

double energy(std::span<const double> samples) {
    double sum = 0;
    for (const auto sample : samples) sum += sample * sample;
    return sum;
}

}  // namespace

std::optional<Arrival> find_arrival(std::span<const double> heard, std::span<const double> played) {
    if (played.empty() || heard.size() < played.size()) return std::nullopt;
    const auto length = std::bit_ceil(heard.size() + played.size());
    auto values = transformed(heard, length);
    const auto pattern = transformed(played, length);
    for (std::size_t i = 0; i < length; ++i) values[i] *= std::conj(pattern[i]);
    transform(values, Direction::inverse);

    const auto at_lag = [&](std::size_t lag) { return values[lag].real() / static_cast<double>(length); };
    std::size_t best = 0;
    for (std::size_t lag = 1; lag + played.size() <= heard.size(); ++lag) {
        if (std::abs(at_lag(lag)) > std::abs(at_lag(best))) best = lag;
    }
    const auto there = energy(heard.subspan(best, played.size())) * energy(played);
    const auto likeness = there > 0 ? std::abs(at_lag(best)) / std::sqrt(there) : 0;
    // Noise of this length is never half like a sweep.
    if (likeness < 0.5) return std::nullopt;

    Arrival arrival{static_cast<double>(best), at_lag(best) < 0, std::min(1.0, likeness)};
    if (best > 0 && best + played.size() < heard.size()) {  // the top of the parabola through three values
        const auto left = at_lag(best - 1), right = at_lag(best + 1), bend = left - 2 * at_lag(best) + right;
        if (bend != 0) arrival.at += 0.5 * (left - right) / bend;
    }
    return arrival;
}

}  // namespace patchbay
