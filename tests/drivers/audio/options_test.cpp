// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/config/yaml.hpp"
#include "devices/audio/tones.hpp"
#include "devices/capability/audio.hpp"
#include "devices/device.hpp"
#include "drivers/audio/audio.hpp"

namespace patchbay::testing {
namespace {

/// The driver with some options: what is wrong with them, or what using it comes to.
struct AlsaDriver : ::testing::Test {
    asio::io_context io;
    DriverContext context{io.get_executor(), nullptr, {}, {}};
    DeviceDescription description;
    std::vector<std::string> problems;

    DriverPtr make(const std::string& yaml) {
        config::Problems found{"board.yaml"};
        const auto value = config::parse_yaml(yaml);
        config::MapReader options{value, "hardware.audio", found};
        auto driver = make_alsa_audio({description, "device board: audio", options, context});
        problems = found.lines();
        return driver;
    }

    /// What one problem says after file and place.
    std::string problem(const std::string& yaml) {
        make(yaml);
        return problems.size() == 1 ? problems[0] : std::to_string(problems.size()) + " problems";
    }

    template <class T>
    std::string failure(Task<T> task) {
        std::string text;
        asio::co_spawn(io, std::move(task), [&](const std::exception_ptr& error, const auto&...) {
            if (error) text = describe(error);
        });
        io.run();
        io.restart();
        return text;
    }
};

using AlsaOptions = AlsaDriver;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_F(AlsaOptions, NameACardInOneOfThreeWays) {
    for (const auto* yaml :
         {"{card: Rig}", "{usb_path: '1-1.4'}", "{link: /dev/snd/by-path/x}", "{card: Rig, device: 1, subdevice: 3}",
          "{playback: {card: A}, capture: {usb_path: '1-2', device: 1}}", "{card: Rig, capture: {device: 1}}",
          "{capture: {card: A}}"}) {
        make(yaml);
        EXPECT_TRUE(problems.empty()) << yaml << ": " << problems.front();
    }
}

TEST_F(AlsaOptions, MistakesAreToldByLine) {
    EXPECT_TRUE(has(problem("{}"), "missing: which sound card"));
    EXPECT_TRUE(has(problem("{card: 0}"), "is a number, and numbers change"));
    EXPECT_TRUE(has(problem("{card: A, usb_path: '1-1'}"), "give one of"));
    EXPECT_TRUE(has(problem("{card: A, capture: {card: B, link: /dev/snd/x}}"), "give one of"));
    EXPECT_TRUE(has(problem("{capture: {device: 1}}"), "needs a card"));
    EXPECT_TRUE(has(problem("{card: A, chanels: 2}"), "unknown key 'chanels'"));
    EXPECT_TRUE(has(problem("card: A\ncapture:\n  devise: 1"), "board.yaml:3"));
}

TEST_F(AlsaDriver, ACardThatIsNotThereIsNamedWithItsDevice) {
    const auto driver = make("{card: NoSuchCard}");
    Capabilities capabilities;
    driver->offer(capabilities, "");
    auto* audio = capabilities.find<Audio>();
    ASSERT_NE(audio, nullptr);
    const auto text = failure(audio->play(tone_on_each_channel(1, 0.5, 100, 8000)));
    EXPECT_TRUE(has(text, "device board: audio: sound card 'NoSuchCard' is not there: check its cable")) << text;
    EXPECT_EQ(failure(driver->make_safe()), "") << "nothing is left of a card that is gone";
}

TEST_F(AlsaDriver, ADirectionThatTheLabHasNotIsTheJobsMistake) {
    const auto driver = make("{capture: {card: NoSuchCard}}");
    Capabilities capabilities;
    driver->offer(capabilities, "");
    const auto text = failure(capabilities.find<Audio>()->play(tone_on_each_channel(1, 0.5, 100, 8000)));
    EXPECT_TRUE(has(text, "no card for playback")) << text;
}

}  // namespace
}  // namespace patchbay::testing
