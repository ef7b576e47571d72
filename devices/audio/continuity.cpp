// SPDX-License-Identifier: Apache-2.0
#include "devices/audio/continuity.hpp"

#include <algorithm>
#include <cmath>

#include "devices/audio/oscillator.hpp"
#include "devices/audio/spectrum.hpp"

namespace patchbay {
namespace {

/// The value below which `share` of all are. Reorders them.
double quantile(std::vector<double>& values, double share) {
    if (values.empty()) return 0;
    const auto at = std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())));
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
    return values[at];
}

/// A run of samples, [from, to).
struct Run {
    std::size_t from = 0, to = 0;
    std::size_t length() const { return to - from; }
};

/// The tone block by block: a few periods each, at least 10 ms.
struct Blocks {
    std::size_t length = 0;                    ///< of a block, in samples
    std::vector<std::complex<double>> values;  ///< amplitude and phase against a tone of the frequency it was made with
    double loud = 0;                           ///< a block with less amplitude has no tone, or not all of it

    bool has_tone(std::size_t i) const { return std::abs(values[i]) > loud; }
};

Blocks demodulate(std::span<const double> samples, double frequency, int rate) {
    Blocks blocks;
    blocks.length = static_cast<std::size_t>(std::max(0.01, 4 / frequency) * rate);
    Oscillator carrier{-2 * M_PI * frequency / rate};
    for (std::size_t start = 0; start + blocks.length <= samples.size(); start += blocks.length) {
        Oscillator window{2 * M_PI / static_cast<double>(blocks.length)};
        std::complex<double> sum;
        for (std::size_t i = 0; i < blocks.length; ++i) {
            sum += (1 - window.next().real()) * samples[start + i] * carrier.next();
        }
        blocks.values.push_back(2.0 * sum / static_cast<double>(blocks.length));
    }
    for (const auto& value : blocks.values) blocks.loud = std::max(blocks.loud, std::abs(value) / 2);
    return blocks;
}

/// The median step from block to block: a break disturbs only one of them.
double steady_frequency(const Blocks& blocks, double near, int rate) {
    std::vector<double> steps;
    for (std::size_t i = 0; i + 1 < blocks.values.size(); ++i) {
        if (blocks.has_tone(i) && blocks.has_tone(i + 1)) {
            steps.push_back(std::arg(blocks.values[i + 1] * std::conj(blocks.values[i])));
        }
    }
    return near + quantile(steps, 0.5) * rate / (2 * M_PI * static_cast<double>(blocks.length));
}

/// What two samples of a sine do not foretell of the third. It is 0 along any sine of this frequency, whatever its
/// phase: only breaks are left, and noise.
std::vector<double> surprises(std::span<const double> samples, double frequency, int rate) {
    const auto factor = 2 * std::cos(2 * M_PI * frequency / rate);
    std::vector<double> all(samples.size());
    for (std::size_t n = 2; n < samples.size(); ++n) {
        all[n] = std::abs(samples[n] - factor * samples[n - 1] + samples[n - 2]);
    }
    return all;
}

double too_surprising(const std::vector<double>& surprises, const Blocks& blocks, double frequency, int rate) {
    std::vector<double> usual;
    for (std::size_t i = 0; i < blocks.values.size(); ++i) {
        if (!blocks.has_tone(i)) continue;
        const auto first = surprises.begin() + static_cast<std::ptrdiff_t>(i * blocks.length);
        usual.insert(usual.end(), first, first + static_cast<std::ptrdiff_t>(blocks.length));
    }
    // Eight standard deviations of noise, as the median tells them whatever the breaks are. A clipped tone has knees
    // in each period, and those are no breaks.
    const auto noise = 8 * 1.4826 * quantile(usual, 0.5);
    const auto knees = 2 * quantile(usual, 1 - std::min(0.02, frequency / rate));
    // Rounding to 16 bits surprises by two steps at most.
    constexpr double rounding = 3.0 / 32768;
    return std::max({noise, knees, 0.004 * blocks.loud, rounding});
}

/// The runs between surprises that are long enough to be judged.
std::vector<Run> undisturbed(const std::vector<double>& surprises, double limit, std::size_t shortest) {
    std::vector<Run> runs;
    std::size_t from = 0, judged = 0;
    const auto close = [&](std::size_t to) {
        if (to < from + shortest) return;
        runs.push_back({from, to});
        judged = to;
    };
    for (std::size_t n = 2; n < surprises.size(); ++n) {
        if (surprises[n] <= limit) continue;
        close(n);
        // A wrong sample surprises thrice; of the last surprise, the second sample before it is the wrong one.
        from = std::max(n - 1, judged);
    }
    close(surprises.size());
    return runs;
}

/// Is there less than half of the tone in these samples?
bool is_quiet(std::span<const double> samples, double frequency, int rate, double loud) {
    Oscillator carrier{-2 * M_PI * frequency / rate};
    std::complex<double> sum;
    for (const auto sample : samples) sum += sample * carrier.next();
    return 2 * std::abs(sum) / static_cast<double>(samples.size()) < loud;
}

/// The parts of a run that have the tone. In noise a tone that begins or ends at a zero crossing surprises nobody: two
/// periods without it are seen here. Beside such a gap two periods are left out, for they may hold a part of it.
void add_loud_parts(std::vector<Run>& parts, std::span<const double> samples, const Run& run, double frequency,
                    int rate, double loud, std::size_t shortest) {
    const auto window = std::max<std::size_t>(8, static_cast<std::size_t>(std::lround(2 * rate / frequency)));
    auto from = run.from;
    const auto close = [&](std::size_t to) {
        if (to >= from + shortest) parts.push_back({from, to});
    };
    for (auto at = run.from; at + window <= run.to; at += window) {
        if (!is_quiet(samples.subspan(at, window), frequency, rate, loud)) continue;
        if (at > run.from + window) close(at - window);
        from = at + 2 * window;
    }
    if (from < run.to) close(run.to);
}

std::vector<Run> loud_parts(std::span<const double> samples, const std::vector<Run>& runs, double frequency, int rate,
                            double loud, std::size_t shortest) {
    std::vector<Run> parts;
    for (const auto& run : runs) add_loud_parts(parts, samples, run, frequency, rate, loud, shortest);
    return parts;
}

struct Stretch {
    Run run;
    SineFit fit;
    double energy() const { return static_cast<double>(run.length()) * fit.amplitude * fit.amplitude; }
};

std::vector<Stretch> fitted(std::span<const double> samples, const std::vector<Run>& runs, double frequency, int rate) {
    std::vector<Stretch> stretches;
    for (const auto& run : runs) {
        stretches.push_back({run, fit_sine(samples.subspan(run.from, run.length()), frequency, rate)});
    }
    return stretches;
}

Glitch between(const Stretch& before, const Stretch& after, int rate) {
    const auto step = 2 * M_PI * before.fit.frequency / rate;
    const auto passed = static_cast<double>(after.run.from - before.run.from);
    const auto ahead = std::remainder(after.fit.phase - before.fit.phase - step * passed, 2 * M_PI);
    return {before.run.to, after.run.from - before.run.to, ahead / step};
}

}  // namespace

std::optional<ContinuousTone> follow_tone(std::span<const double> samples, int rate) {
    const auto rough = strongest_frequency(samples, rate);
    if (rough <= 0) return std::nullopt;
    const auto blocks = demodulate(samples, rough, rate);
    const auto frequency = steady_frequency(blocks, rough, rate);
    if (blocks.values.empty() || frequency <= 0 || frequency >= rate / 2.0) return std::nullopt;

    const auto surprise = surprises(samples, frequency, rate);
    const auto limit = too_surprising(surprise, blocks, frequency, rate);
    const auto shortest = std::max<std::size_t>(16, static_cast<std::size_t>(rate / frequency));
    const auto runs =
        loud_parts(samples, undisturbed(surprise, limit, shortest), frequency, rate, blocks.loud, shortest);
    if (runs.empty()) return std::nullopt;

    auto stretches = fitted(samples, runs, frequency, rate);
    const auto longest = std::ranges::max_element(stretches, {}, &Stretch::energy)->run;
    ContinuousTone tone;
    tone.clean_from = longest.from;
    tone.clean_to = longest.to;
    tone.fit = fit_sine_and_frequency(samples.subspan(longest.from, longest.length()), frequency, rate);
    const auto usual = tone.fit.amplitude;
    if (usual / std::sqrt(2) < tone.fit.residual) return std::nullopt;  // more noise than tone

    stretches = fitted(samples, runs, tone.fit.frequency, rate);
    std::erase_if(stretches, [&](const Stretch& stretch) {
        return stretch.fit.amplitude < 0.8 * usual || stretch.fit.amplitude > 1.25 * usual ||
               stretch.fit.residual > std::max(0.2 * usual, 3 * tone.fit.residual);
    });
    if (stretches.empty()) return std::nullopt;
    tone.begins = stretches.front().run.from;
    tone.ends = stretches.back().run.to;
    for (std::size_t i = 0; i + 1 < stretches.size(); ++i) {
        tone.glitches.push_back(between(stretches[i], stretches[i + 1], rate));
    }
    return tone;
}

std::optional<long> lost_samples(std::span<const double> shifts, std::span<const double> frequencies, int rate,
                                 long most) {
    const auto fits = [&](long lost) {
        for (std::size_t i = 0; i < shifts.size(); ++i) {
            const auto period = rate / frequencies[i];
            if (std::abs(std::remainder(static_cast<double>(lost) - shifts[i], period)) > 0.4) return false;
        }
        return true;
    };
    for (long lost = 0; lost <= most; ++lost) {
        if (fits(lost)) return lost;
        if (fits(-lost)) return -lost;
    }
    return std::nullopt;
}

}  // namespace patchbay
