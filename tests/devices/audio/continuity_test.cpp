// SPDX-License-Identifier: Apache-2.0
#include "devices/audio/continuity.hpp"

#include <gtest/gtest.h>

#include "signals.hpp"

namespace patchbay::testing {
namespace {

constexpr int rate = 48000;
constexpr double frequency = 997;

Samples tone(std::size_t length = rate) { return sine(frequency, 0.5, length, rate); }

std::ptrdiff_t offset(std::size_t n) { return static_cast<std::ptrdiff_t>(n); }

void silence(Samples& samples, std::size_t at, std::size_t length) {
    std::fill_n(samples.begin() + offset(at), length, 0.0);
}

/// The one break of what a card of 16 bits hands over.
Glitch only_glitch(const Samples& samples) {
    const auto followed = follow_tone(through_card(samples, rate), rate);
    EXPECT_TRUE(followed);
    if (!followed) return {};
    EXPECT_EQ(followed->glitches.size(), 1u);
    EXPECT_NEAR(followed->fit.frequency, frequency, 0.005);
    return followed->glitches.empty() ? Glitch{} : followed->glitches.front();
}

TEST(FollowedTone, HasNoGlitchWhenItIsWhole) {
    const auto followed = follow_tone(through_card(tone(), rate), rate);
    ASSERT_TRUE(followed);
    EXPECT_TRUE(followed->glitches.empty());
    EXPECT_EQ(followed->begins, 0u);
    EXPECT_EQ(followed->ends, static_cast<std::size_t>(rate));
}

TEST(FollowedTone, FindsADropOutOfFiveMillisecondsWhereverItIs) {
    for (std::size_t at = 8000; at < 8050; ++at) {  // at each phase of the tone
        auto samples = tone(16000);
        silence(samples, at, 240);
        const auto glitch = only_glitch(samples);
        EXPECT_NEAR(static_cast<double>(glitch.at), static_cast<double>(at), 3);
        EXPECT_NEAR(static_cast<double>(glitch.length), 240, 6);
        EXPECT_NEAR(glitch.shift, 0, 0.05) << "the player went on meanwhile";
    }
}

TEST(FollowedTone, FindsAValueThatSticks) {
    auto samples = tone();
    std::fill_n(samples.begin() + 20000, 240, samples[19999]);
    const auto glitch = only_glitch(samples);
    EXPECT_NEAR(static_cast<double>(glitch.at), 20000, 3);
    EXPECT_NEAR(static_cast<double>(glitch.length), 240, 6);
}

TEST(FollowedTone, CountsSamplesThatWereLost) {
    for (const std::size_t lost : {1u, 5u, 20u}) {
        for (std::size_t at = 20000; at < 20048; at += 5) {
            auto samples = tone();
            samples.erase(samples.begin() + offset(at), samples.begin() + offset(at + lost));
            const auto glitch = only_glitch(samples);
            EXPECT_NEAR(static_cast<double>(glitch.at), static_cast<double>(at), 2);
            EXPECT_LE(glitch.length, 2u);
            EXPECT_NEAR(glitch.shift, static_cast<double>(lost), 0.05);
        }
    }
}

TEST(FollowedTone, CountsSamplesThatWereRepeated) {
    auto samples = tone();
    const Samples again(samples.begin() + 19990, samples.begin() + 20000);
    samples.insert(samples.begin() + 20000, again.begin(), again.end());
    const auto glitch = only_glitch(samples);
    EXPECT_NEAR(static_cast<double>(glitch.at), 20000, 2);
    EXPECT_NEAR(glitch.shift, -10, 0.05);
}

TEST(FollowedTone, TellsAPauseFromAMutedStretch) {
    auto samples = tone();
    samples.insert(samples.begin() + 20000, 10, 0.0);  // the player stood still for ten samples
    const auto glitch = only_glitch(samples);
    EXPECT_NEAR(static_cast<double>(glitch.at), 20000, 2);
    EXPECT_NEAR(glitch.shift, -10, 0.05);
}

TEST(FollowedTone, FindsASingleWrongSample) {
    for (const double error : {0.6, 0.05}) {
        auto samples = tone();
        samples[20000] += error;
        const auto glitch = only_glitch(samples);
        EXPECT_EQ(glitch.at, 20000u);
        EXPECT_EQ(glitch.length, 1u);
        EXPECT_NEAR(glitch.shift, 0, 0.01);
    }
}

TEST(FollowedTone, FindsEachOfManyGlitches) {
    auto samples = tone(3 * rate);
    for (std::size_t at = 10000; at < 140000; at += 10000) silence(samples, at, 100);
    const auto followed = follow_tone(samples, rate);
    ASSERT_TRUE(followed);
    EXPECT_EQ(followed->glitches.size(), 13u);
    EXPECT_NEAR(followed->fit.frequency, frequency, 0.01);
}

TEST(FollowedTone, FindsADropOutInNoise) {
    auto samples = tone();
    samples += noise(0.5 / std::sqrt(2) * amplitude_of(-40), samples.size());
    silence(samples, 20000, 240);
    const auto glitch = only_glitch(samples);
    EXPECT_NEAR(static_cast<double>(glitch.at), 20000, 12);
    EXPECT_NEAR(static_cast<double>(glitch.length), 240, 24);
}

TEST(FollowedTone, InNoiseSilenceAroundItIsNoPartOfIt) {
    for (const double level : {-20.0, -40.0, -60.0}) {
        for (std::size_t length = 20000; length < 20048; length += 3) {  // it ends at each phase
            auto samples = Samples(14000, 0.0);
            const auto played = sine(frequency, 0.25, length, rate);
            samples.insert(samples.end(), played.begin(), played.end());
            samples.resize(60000);
            samples += noise(0.25 / std::sqrt(2) * amplitude_of(level), samples.size(), static_cast<unsigned>(length));
            const auto followed = follow_tone(through_card(samples, rate), rate);
            ASSERT_TRUE(followed);
            EXPECT_TRUE(followed->glitches.empty()) << level << " " << length;
            EXPECT_NEAR(static_cast<double>(followed->begins), 14000, 300);
            EXPECT_NEAR(static_cast<double>(followed->ends), 14000.0 + static_cast<double>(length), 300);
            EXPECT_NEAR(followed->fit.amplitude, 0.25, 0.002);
        }
    }
}

TEST(FollowedTone, FindsADropOutInNoiseWhereverItIs) {
    for (std::size_t at = 20000; at < 20048; at += 3) {
        auto samples = tone();
        samples += noise(0.5 / std::sqrt(2) * amplitude_of(-30), samples.size());
        silence(samples, at, 240);
        const auto followed = follow_tone(through_card(samples, rate), rate);
        ASSERT_TRUE(followed);
        ASSERT_EQ(followed->glitches.size(), 1u) << at;
        EXPECT_NEAR(static_cast<double>(followed->glitches[0].at), static_cast<double>(at), 200);
    }
}

TEST(FollowedTone, SilenceBeforeAndAfterIsNoGlitch) {
    auto samples = Samples(30000, 0.0);
    const auto played = tone(20000);
    samples.insert(samples.end(), played.begin(), played.end());
    samples.resize(80000);
    const auto followed = follow_tone(through_card(samples, rate), rate);
    ASSERT_TRUE(followed);
    EXPECT_TRUE(followed->glitches.empty());
    EXPECT_NEAR(static_cast<double>(followed->begins), 30000, 3);
    EXPECT_NEAR(static_cast<double>(followed->ends), 50000, 3);
}

TEST(FollowedTone, AToneThatEndsEarlyIsToldByItsEnd) {
    auto samples = tone();
    silence(samples, 30000, 18000);
    const auto followed = follow_tone(samples, rate);
    ASSERT_TRUE(followed);
    EXPECT_NEAR(static_cast<double>(followed->ends), 30000, 3);
}

TEST(LostSamples, SeveralChannelsTellMoreThanAPeriod) {
    const auto tones = channel_tones(2);
    for (const long lost : {240L, -240L, 1L, 0L, 480L, -700L}) {
        std::vector<double> shifts;
        for (const auto each : tones) shifts.push_back(std::remainder(static_cast<double>(lost), rate / each));
        EXPECT_EQ(lost_samples(shifts, tones, rate, 2000), lost);
    }
    EXPECT_FALSE(lost_samples(std::vector<double>{10.0, -17.5}, tones, rate, 30));
}

TEST(LostSamples, AreFoundInWhatWasCaptured) {
    const auto tones = channel_tones(2);
    std::vector<double> shifts;
    for (const auto each : tones) {
        auto samples = sine(each, 0.5, rate, rate);
        samples.erase(samples.begin() + 20000, samples.begin() + 20240);
        const auto followed = follow_tone(through_card(samples, rate), rate);
        ASSERT_TRUE(followed);
        ASSERT_EQ(followed->glitches.size(), 1u) << each;
        shifts.push_back(followed->glitches[0].shift);
    }
    EXPECT_EQ(lost_samples(shifts, tones, rate, 1000), 240);
}

}  // namespace
}  // namespace patchbay::testing
