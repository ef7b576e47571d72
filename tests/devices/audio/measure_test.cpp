// SPDX-License-Identifier: Apache-2.0
#include "devices/audio/measure.hpp"

#include <gtest/gtest.h>

#include "signals.hpp"

namespace patchbay::testing {
namespace {

constexpr int rate = 48000;

double ppm(double measured, double truth) { return 1e6 * (measured - truth) / truth; }

TEST(ToneMeasurement, FrequencyAndLevelAreExactAtAnyRateAndLevel) {
    for (const int sampling : {8000, 44100, 48000, 96000}) {
        for (const double frequency : {55.0, 440.37, 997.0, 3333.3}) {
            for (const double level : {-0.1, -6.0, -40.0}) {
                const auto samples =
                    sine(frequency, amplitude_of(level), static_cast<std::size_t>(sampling), sampling, 0.7);
                const auto measured = measure_tone(through_card(samples, sampling), sampling);
                ASSERT_TRUE(measured) << frequency << " Hz at " << sampling;
                EXPECT_NEAR(ppm(measured->frequency, frequency), 0, 1)
                    << frequency << " Hz at " << sampling << ", " << level;
                EXPECT_NEAR(measured->level, level, 0.01) << frequency << " Hz at " << sampling;
                EXPECT_TRUE(measured->continuity.glitches.empty())
                    << frequency << " Hz at " << sampling << ", " << level;
                EXPECT_FALSE(measured->flat_topped) << frequency << " Hz at " << sampling << ", " << level;
            }
        }
    }
}

TEST(ToneMeasurement, SixteenBitsAreAsNoisyAsTheoryHasIt) {
    const auto measured = measure_tone(through_card(sine(997, 0.9999, 2 * rate, rate), rate), rate);
    ASSERT_TRUE(measured);
    EXPECT_NEAR(measured->sinad(), 6.02 * 16 + 1.76, 0.5);
    EXPECT_NEAR(measured->snr, 98.1, 0.5);
    EXPECT_LT(measured->thd, -110);
}

TEST(ToneMeasurement, NoiseIsToldWithinHalfADecibel) {
    for (const double ratio : {20.0, 40.0, 60.0, 80.0}) {
        auto samples = sine(997, 0.5, 2 * rate, rate);
        samples += noise(0.5 / std::sqrt(2) * amplitude_of(-ratio), samples.size());
        const auto measured = measure_tone(samples, rate);
        ASSERT_TRUE(measured) << ratio;
        EXPECT_NEAR(measured->snr, ratio, 0.5);
        EXPECT_NEAR(measured->thd_n, -ratio, 0.5);
        EXPECT_NEAR(measured->noise, measured->level - ratio, 0.5);
        EXPECT_NEAR(ppm(measured->frequency, 997), 0, 20) << ratio;
        EXPECT_TRUE(measured->continuity.glitches.empty()) << ratio;
    }
}

TEST(ToneMeasurement, HarmonicsAreDistortionAndNoNoise) {
    auto samples = sine(997, 0.5, 2 * rate, rate);
    samples += sine(2 * 997, 0.5 * amplitude_of(-50), samples.size(), rate, 0.3);
    samples += sine(3 * 997, 0.5 * amplitude_of(-50), samples.size(), rate, 1.1);
    samples += noise(0.5 / std::sqrt(2) * amplitude_of(-70), samples.size());
    const auto measured = measure_tone(samples, rate);
    ASSERT_TRUE(measured);
    EXPECT_NEAR(measured->thd, -46.99, 0.2);
    EXPECT_NEAR(measured->snr, 70, 0.5);
    EXPECT_NEAR(measured->thd_n, -46.97, 0.3);
    EXPECT_TRUE(measured->continuity.glitches.empty());
}

TEST(ToneMeasurement, DirectCurrentAndPeakAreMeasured) {
    auto samples = sine(997, 0.25, rate, rate);
    for (auto& sample : samples) sample += 0.1;
    const auto measured = measure_tone(samples, rate);
    ASSERT_TRUE(measured);
    EXPECT_NEAR(measured->offset, 0.1, 1e-6);
    EXPECT_NEAR(measured->peak, 0.35, 1e-3);
    EXPECT_NEAR(measured->level, dbfs_of(0.25), 0.01);
}

TEST(ToneMeasurement, AClippedToneIsFound) {
    const auto loud = measure_tone(through_card(sine(997, 1.2, rate, rate), rate), rate);
    ASSERT_TRUE(loud);
    EXPECT_NEAR(static_cast<double>(loud->clipped), rate * 2 / M_PI * std::acos(1 / 1.2), rate * 0.01);
    EXPECT_TRUE(loud->flat_topped);
    EXPECT_GT(loud->thd_n, -25);
    EXPECT_TRUE(loud->continuity.glitches.empty()) << "a clipped tone breaks nowhere";

    for (const double frequency : {97.0, 997.0}) {  // cut off before it was made quieter
        auto quiet = sine(frequency, 0.5, rate, rate);
        clip(quiet, 0.48);
        const auto measured = measure_tone(through_card(quiet, rate), rate);
        ASSERT_TRUE(measured);
        EXPECT_EQ(measured->clipped, 0u);
        EXPECT_TRUE(measured->flat_topped) << frequency;
        EXPECT_TRUE(measured->continuity.glitches.empty()) << frequency;
    }
}

TEST(ToneMeasurement, AWrongRateIsAWrongFrequency) {
    const auto measured = measure_tone(through_card(sine(997, 0.5, 44100, 44100), 44100), 48000);
    ASSERT_TRUE(measured);
    EXPECT_NEAR(measured->frequency, 997.0 * 48000 / 44100, 0.002);
    const auto slow = measure_tone(sine(997 * (1 + 100e-6), 0.5, rate, rate), rate);
    ASSERT_TRUE(slow);
    EXPECT_NEAR(ppm(slow->frequency, 997), 100, 0.1);
}

TEST(ToneMeasurement, SilenceAndNoiseAreNoTone) {
    EXPECT_FALSE(measure_tone(Samples(rate), rate));
    EXPECT_FALSE(measure_tone(Samples{}, rate));
    EXPECT_FALSE(measure_tone(Samples(100, 0.5), rate));
    EXPECT_FALSE(measure_tone(Samples(rate, 0.5), rate)) << "direct current";
    EXPECT_FALSE(measure_tone(noise(0.1, rate), rate));
    EXPECT_FALSE(measure_tone(through_card(noise(0.00002, rate), rate), rate));
}

TEST(NoiseLevel, IsThatOfASineOfTheSamePower) {
    EXPECT_NEAR(noise_level(sine(997, 0.01, rate, rate)), -40, 0.01);
    EXPECT_NEAR(noise_level(noise(0.001, rate)), dbfs_of(0.001 * std::sqrt(2)), 0.1);
    EXPECT_EQ(noise_level(Samples(rate, 0.0)), -300);
}

}  // namespace
}  // namespace patchbay::testing
