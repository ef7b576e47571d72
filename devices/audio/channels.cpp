// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "devices/audio/measure.hpp"
#include "devices/audio/spectrum.hpp"
#include "devices/audio/tones.hpp"

namespace patchbay {
namespace {

constexpr double silent = -80;     // dBFS: what is below is no tone of ours
constexpr double much_louder = 6;  // dB: less apart, two channels are mixed

ChannelSource source_of(const Samples& samples, std::span<const double> tones, int rate) {
    std::vector<double> levels;
    for (const auto tone : tones) levels.push_back(dbfs_of(amplitude_near(samples, tone, rate)));
    const auto strongest = std::ranges::max_element(levels);
    const auto index = static_cast<std::size_t>(strongest - levels.begin());
    ChannelSource found;
    found.level = *strongest;
    double other = -300;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        if (i != index) other = std::max(other, levels[i]);
    }
    found.crosstalk = other - found.level;
    const bool alone = found.crosstalk < -much_louder;
    if (found.level > silent && alone) found.source = index;
    found.mixed = found.level > silent && !alone;
    return found;
}

}  // namespace

std::vector<ChannelSource> map_channels(const Sound& heard, std::span<const double> tones) {
    std::vector<ChannelSource> sources;
    if (tones.empty()) return sources;
    for (const auto& channel : heard.channels) sources.push_back(source_of(channel, tones, heard.rate));
    return sources;
}

}  // namespace patchbay
