// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "devices/audio/measure.hpp"
#include "signals.hpp"

namespace patchbay::testing {
namespace {

constexpr int rate = 48000;

using Sources = std::vector<std::optional<std::size_t>>;

Sources sources(const Sound& sound) {
    Sources found;
    for (const auto& each : map_channels(sound, channel_tones(sound.channels.size()))) found.push_back(each.source);
    return found;
}

TEST(ChannelMap, EachOfEightChannelsIsKnownByItsTone) {
    const auto sound = tone_on_each_channel(8, 0.5, rate, rate);
    EXPECT_EQ(sources(sound), (Sources{0, 1, 2, 3, 4, 5, 6, 7}));
    for (const auto& each : map_channels(sound, channel_tones(8))) {
        EXPECT_NEAR(each.level, -6.02, 0.05);
        EXPECT_LT(each.crosstalk, -90);
    }
}

TEST(ChannelMap, OneChannelHasItsOwn) { EXPECT_EQ(sources(tone_on_each_channel(1, 0.5, rate, rate)), Sources{0}); }

TEST(ChannelMap, SwappedChannelsAreFound) {
    auto sound = tone_on_each_channel(2, 0.5, rate, rate);
    std::swap(sound.channels[0], sound.channels[1]);
    EXPECT_EQ(sources(sound), (Sources{1, 0}));
}

TEST(ChannelMap, SilentAndMixedChannelsHaveNoSource) {
    auto sound = tone_on_each_channel(3, 0.25, rate, rate);
    sound.channels[0] += sound.channels[1];
    sound.channels[2] = noise(1e-5, rate);
    EXPECT_EQ(sources(sound), (Sources{std::nullopt, 1, std::nullopt}));
}

TEST(ChannelMap, CrosstalkIsToldInDecibels) {
    auto sound = tone_on_each_channel(2, 0.5, rate, rate);
    auto leak = sound.channels[1];
    for (auto& sample : leak) sample *= amplitude_of(-55);
    sound.channels[0] += leak;
    EXPECT_NEAR(map_channels(sound, channel_tones(2))[0].crosstalk, -55, 0.2);
}

TEST(ChannelMap, AClockThatIsOffDoesNoHarm) {
    Sound sound{rate, {}};
    for (const auto tone : channel_tones(2)) sound.channels.push_back(sine(tone * 1.0003, 0.5, rate, rate));
    const auto map = map_channels(sound, channel_tones(2));
    EXPECT_EQ(map[0].source, 0u);
    EXPECT_EQ(map[1].source, 1u);
    EXPECT_NEAR(map[1].level, -6.02, 0.1);
}

Samples heard_after(std::size_t samples, const Samples& played, double gain) {
    Samples heard(samples, 0.0);
    for (const auto sample : played) heard.push_back(gain * sample);
    heard.resize(heard.size() + 5000);
    return heard;
}

TEST(Arrival, IsFoundToTheSampleAndWithItsPolarity) {
    const auto played = sweep(300, 6000, 0.5, 4800, rate);
    for (const double gain : {1.0, -0.1}) {
        auto heard = heard_after(12345, played, gain);
        heard += noise(0.001, heard.size());
        const auto arrival = find_arrival(heard, played);
        ASSERT_TRUE(arrival);
        EXPECT_NEAR(arrival->at, 12345, 0.05);
        EXPECT_EQ(arrival->inverted, gain < 0);
        EXPECT_GT(arrival->likeness, 0.9);
    }
}

TEST(Arrival, IsNotFoundInSilenceNorNoiseNorWhatIsTooShort) {
    const auto played = sweep(300, 6000, 0.5, 4800, rate);
    EXPECT_FALSE(find_arrival(Samples(20000), played));
    EXPECT_FALSE(find_arrival(noise(0.3, 20000), played));
    EXPECT_FALSE(find_arrival(Samples(100), played));
}

}  // namespace
}  // namespace patchbay::testing
