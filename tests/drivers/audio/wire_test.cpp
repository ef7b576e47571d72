// SPDX-License-Identifier: Apache-2.0
// The driver `alsa` through the real alsa-lib, over a wire whose impairments are known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "devices/audio/measure.hpp"
#include "devices/audio/tones.hpp"
#include "devices/capability/audio.hpp"
#include "devices/device.hpp"
#include "drivers/audio/audio.hpp"
#include "tests/support/run.hpp"
#include "tests/support/wired_sound.hpp"

namespace patchbay::testing {
namespace {

constexpr int rate = 48000;

struct AlsaWire : ::testing::Test {
    asio::io_context io;
    DriverContext context{io.get_executor(), nullptr, {}, {}};
    DeviceDescription description;

    Audio::Looped loop(Sound sound) {
        config::Problems problems{"board.yaml"};
        const auto value = config::parse_yaml(WiredSound::options);
        config::MapReader options{value, "hardware.audio", problems};
        const auto driver = make_alsa_audio({description, "device board: audio", options, context});
        problems.raise_if_any();
        Capabilities capabilities;
        driver->offer(capabilities, "");
        return run(io, capabilities.find<Audio>()->loop(std::move(sound), std::chrono::milliseconds{300}));
    }

    /// What is measured of a tone on two channels. A host that was too slow is no fault of the driver's.
    std::optional<ToneMeasurement> measured() {
        const Sound sound{rate, std::vector(2, sine(997, 0.5, rate, rate))};
        for (int attempt = 0; attempt < 5; ++attempt) {
            const auto looped = loop(sound);
            if (looped.captured.xruns + looped.played.xruns > 0) continue;
            return measure_tone(looped.captured.sound.channels[0], rate);
        }
        ADD_FAILURE() << "this host is too busy";
        return std::nullopt;
    }
};

TEST_F(AlsaWire, WhatIsPlayedIsCapturedUnchanged) {
    const WiredSound host;
    const auto tone = measured();
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 997, 0.001);
    EXPECT_NEAR(tone->level, -6.02, 0.01);
    EXPECT_TRUE(tone->continuity.glitches.empty()) << "neither at its end: it ends in silence";
    EXPECT_NEAR(static_cast<double>(tone->continuity.ends - tone->continuity.begins), rate, 2);
}

TEST_F(AlsaWire, GainAndNoiseAreMeasured) {
    const WiredSound host{"gain 0.5 noise 0.0017678"};  // 40 dB below 0.25/sqrt(2)
    const auto tone = measured();
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->level, -12.04, 0.2);
    EXPECT_NEAR(tone->snr, 40, 1);
    EXPECT_NEAR(tone->thd_n, -40, 1);
}

TEST_F(AlsaWire, ADropOutIsFound) {
    const WiredSound host{"drop_at 20000 drop_length 240"};
    const auto tone = measured();
    ASSERT_TRUE(tone);
    ASSERT_EQ(tone->continuity.glitches.size(), 1u);
    EXPECT_NEAR(static_cast<double>(tone->continuity.glitches[0].length), 240, 6);
}

TEST_F(AlsaWire, LatencyIsToldByTheCardsClock) {
    const WiredSound host{"delay 4800"};
    const auto played = sweep(300, 6000, 0.5, 9600, rate);
    const auto looped = loop({rate, {played, played}});
    const auto arrival = find_arrival(looped.captured.sound.channels[0], played);
    ASSERT_TRUE(arrival);
    ASSERT_TRUE(looped.captured_after_played);
    const auto latency = arrival->at / rate + std::chrono::duration<double>{*looped.captured_after_played}.count();
    EXPECT_NEAR(latency, 0.1, 0.002);
}

TEST_F(AlsaWire, SwappedChannelsAreFound) {
    const WiredSound host{"swap 1"};
    const auto looped = loop(tone_on_each_channel(2, 0.5, rate, rate));
    const auto map = map_channels(looped.captured.sound, channel_tones(2));
    EXPECT_EQ(map[0].source, 1u);
    EXPECT_EQ(map[1].source, 0u);
}

TEST_F(AlsaWire, WhatCannotBeOpenedIsNamed) {
    const WiredSound host{"fail 16"};
    try {
        loop(tone_on_each_channel(2, 0.5, rate, rate));
        FAIL() << "it was busy";
    } catch (const InfrastructureError& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("PCM 'in'"));
        EXPECT_THAT(error.what(), ::testing::HasSubstr("another program uses it"));
    }
}

}  // namespace
}  // namespace patchbay::testing
