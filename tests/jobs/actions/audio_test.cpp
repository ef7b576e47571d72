// SPDX-License-Identifier: Apache-2.0
// test: {audio: [...]} on a simulated machine whose sound comes back with known impairments.
#include "devices/audio/tones.hpp"
#include "tests/jobs/actions/test_action.hpp"
#include "tests/support/sim_sound.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

struct AudioTest : TestAction {
    std::shared_ptr<SimSound> sound = std::make_shared<SimSound>();

    AudioTest() { job.board->audio = sound; }

    JobOutcome run(const std::string& entry) {
        job.definition =
            job_text(deploy_block() + boot_block() +
                     "- test:\n    timeout: {minutes: 2}\n    audio:\n    - {name: out, channels: 1, " + entry + "}\n");
        return job.run();
    }

    double measured(const std::string& name) const {
        const auto result = job.sink.result_of("0_out", name);
        const auto* value = result.find("measurement");
        return value ? std::stod(*value->as_string()) : -1e9;
    }
    std::string of(const std::string& name, const char* key) const {
        return config::text_or_empty(job.sink.result_of("0_out", name).find(key));
    }
};

TEST_F(AudioTest, AToneIsMeasuredWithUnits) {
    sound->gain = 0.5;
    EXPECT_TRUE(run("level: -6, seconds: 1").passed());
    EXPECT_THAT(results(),
                ElementsAre("0_out/channel1-frequency pass", "0_out/channel1-level pass", "0_out/channel1-thd pass",
                            "0_out/channel1-thd_n pass", "0_out/channel1-snr pass", "0_out/channel1-noise pass",
                            "0_out/channel1-clipped pass", "0_out/channel1-drop_outs pass", "lava/0_out pass",
                            "lava/job pass"));
    EXPECT_NEAR(measured("channel1-frequency"), 997, 0.1);
    EXPECT_EQ(of("channel1-frequency", "units"), "Hz");
    EXPECT_NEAR(measured("channel1-level"), -12.02, 0.05);
    EXPECT_EQ(of("channel1-level", "units"), "dBFS");
    EXPECT_GT(measured("channel1-snr"), 80);
}

TEST_F(AudioTest, AnExceededLimitFailsThatResultAndSaysByWhatAndTheJobGoesOn) {
    sound->gain = 0.5;
    EXPECT_TRUE(run("level: -6, seconds: 1, limits: {level: {min: -7, max: -5}, snr: {min: 60}}").passed());
    EXPECT_EQ(of("channel1-level", "result"), "fail");
    EXPECT_EQ(of("channel1-snr", "result"), "pass");
    EXPECT_THAT(of("channel1-level", "reason"),
                ::testing::MatchesRegex("-12\\.0[0-9]* dBFS is below the limit of -7 dBFS"));
    EXPECT_THAT(job.sink.texts("error"), Contains(HasSubstr("audio out: channel1-level: -12.0")));
}

TEST_F(AudioTest, ADropOutAndAClippedToneFailWithoutAnyLimitInTheJob) {
    sound->drop_at = 20000;
    sound->drop_length = 240;
    EXPECT_TRUE(run("seconds: 1").passed());
    EXPECT_EQ(of("channel1-drop_outs", "result"), "fail");
    EXPECT_EQ(measured("channel1-drop_outs"), 1);
    EXPECT_THAT(of("channel1-drop_outs", "reason"), HasSubstr("above the limit of 0 drop-outs: 0.0050 s at 0.41"));
    EXPECT_EQ(of("channel1-clipped", "result"), "pass");
}

TEST_F(AudioTest, AClippedToneIsFoundAlsoBelowFullScale) {
    sound->clip_at = 0.4;
    EXPECT_TRUE(run("seconds: 1").passed());
    EXPECT_EQ(of("channel1-clipped", "result"), "fail");
    EXPECT_THAT(of("channel1-clipped", "reason"), HasSubstr("the tops of the tone are cut off"));
}

TEST_F(AudioTest, DistortionIsComparedWithItsLimit) {
    sound->hum = 0.5 * amplitude_of(-40);
    EXPECT_TRUE(run("level: -6.0206, seconds: 1, limits: {thd_n: {max: -50}}").passed());
    EXPECT_NEAR(measured("channel1-thd_n"), -40, 1);
    EXPECT_EQ(of("channel1-thd_n", "result"), "fail");
}

TEST_F(AudioTest, ASilentBoardFailsEachMeasurementOfATone) {
    sound->gain = 0;
    EXPECT_TRUE(run("seconds: 1").passed());
    EXPECT_EQ(of("channel1-level", "result"), "fail");
    EXPECT_EQ(of("channel1-level", "measurement"), "");
    EXPECT_THAT(of("channel1-level", "reason"), HasSubstr("no tone was heard"));
    EXPECT_EQ(of("channel1-drop_outs", "result"), "fail");
}

TEST_F(AudioTest, AToneThatEndsEarlyIsADropOut) {
    sound->drop_at = 24000;
    sound->drop_length = 48000;
    EXPECT_TRUE(run("seconds: 1").passed());
    EXPECT_THAT(of("channel1-drop_outs", "reason"), HasSubstr("the tone lasted 0.5000 s instead of 1.0000 s"));
}

TEST_F(AudioTest, SwappedChannelsAreFoundAndMayBeExpected) {
    sound->swapped = true;
    EXPECT_TRUE(run("signal: channel-map, channels: 2, seconds: 0.5").passed());
    EXPECT_EQ(measured("channel1-source"), 2);
    EXPECT_EQ(of("channel1-source", "result"), "fail");
    EXPECT_THAT(of("channel2-source", "reason"), HasSubstr("1 channel is below the limit of 2 channel"));
}

TEST_F(AudioTest, AMapMayBeExpected) {
    sound->swapped = true;
    EXPECT_TRUE(run("signal: channel-map, channels: 2, map: [2, 1], seconds: 0.5").passed());
    EXPECT_EQ(of("channel1-source", "result"), "pass");
    EXPECT_LT(measured("channel1-crosstalk"), -80);
    EXPECT_NEAR(measured("channel1-level"), -6, 0.1);
}

struct SilentChannelTest : AudioTest {
    /// The board plays to the first channel alone, and `second` comes on the other one.
    JobOutcome run_with(const std::string& map, double of_first, double of_second) {
        sound->board = tone_on_each_channel(2, amplitude_of(-6), 24000, 48000);
        const auto played = sound->board.channels;
        for (std::size_t i = 0; i < played[1].size(); ++i)
            sound->board.channels[1][i] = of_first * played[0][i] + of_second * played[1][i];
        return run("signal: channel-map, channels: 2, direction: capture, seconds: 0.5, map: " + map +
                   ", limits: {level: {min: -7}, crosstalk: {max: -40}}");
    }
    JobOutcome run(const std::string& entry) {
        job.definition = job_text(deploy_block() + boot_block() +
                                  "- test:\n    timeout: {minutes: 2}\n    audio:\n    - {name: out, " + entry + "}\n");
        return job.run();
    }
    std::vector<std::string> of_channel2() const {
        std::vector<std::string> all;
        for (const auto* what : {"source", "level", "crosstalk"})
            all.push_back(of(std::string{"channel2-"} + what, "result"));
        return all;
    }
};

TEST_F(SilentChannelTest, PassesWhereTheMapHasAZero) {
    EXPECT_TRUE(run_with("[1, 0]", 0, 0).passed());
    EXPECT_THAT(of_channel2(), ElementsAre("pass", "pass", "pass"));
    EXPECT_EQ(of("channel2-level", "measurement"), "");
    EXPECT_EQ(measured("channel2-source"), 0);
    EXPECT_EQ(of("channel1-crosstalk", "result"), "pass");
}

TEST_F(SilentChannelTest, FailsWhereTheMapHasAChannel) {
    EXPECT_TRUE(run_with("[1, 2]", 0, 0).passed());
    EXPECT_THAT(of_channel2(), ElementsAre("fail", "fail", "fail"));
    EXPECT_THAT(of("channel2-source", "reason"), HasSubstr("silence"));
}

TEST_F(SilentChannelTest, IsNotOneThatCarriesAChannel) {
    EXPECT_TRUE(run_with("[1, 0]", 0, 1).passed());
    EXPECT_EQ(of("channel2-source", "result"), "fail");
}

TEST_F(SilentChannelTest, IsNotOneThatCarriesAMixture) {
    EXPECT_TRUE(run_with("[1, 0]", 0.5, 0.5).passed());
    EXPECT_THAT(of_channel2(), ElementsAre("fail", "fail", "fail"));
    EXPECT_THAT(of("channel2-source", "reason"), "the map wants silence: a mixture of channels");
}

TEST_F(AudioTest, ASweepTellsLatencyAndPolarity) {
    sound->delay = 480;
    sound->gain = -1;
    EXPECT_TRUE(run("signal: sweep, limits: {latency: {max: 11}, polarity: {min: 1}}").passed());
    EXPECT_NEAR(measured("channel1-latency"), 10, 0.01);
    EXPECT_EQ(of("channel1-latency", "result"), "pass");
    EXPECT_EQ(of("channel1-polarity", "result"), "fail");
}

TEST_F(AudioTest, WhatTheBoardPlaysByItselfIsMeasured) {
    sound->board = {48000, {sine(440, amplitude_of(-20), 48000, 48000)}};
    EXPECT_TRUE(
        run("direction: capture, frequency: 440, seconds: 1, limits: {level: {min: -20.2, max: -19.8}}").passed());
    EXPECT_EQ(of("channel1-frequency", "result"), "pass");
    EXPECT_EQ(of("channel1-level", "result"), "pass");
    EXPECT_TRUE(sound->played.channels.empty());
}

TEST_F(AudioTest, WhatIsOnlyPlayedMakesNoMeasurement) {
    EXPECT_TRUE(run("direction: play, frequency: 440, seconds: 0.5").passed());
    EXPECT_EQ(sound->played.length(), 24000u);
    EXPECT_THAT(results().front(), "lava/0_out pass");
    EXPECT_TRUE(job.sink.artifacts.empty());
}

TEST_F(AudioTest, SilenceHasANoiseLevel) {
    EXPECT_TRUE(run("signal: silence, seconds: 0.5, limits: {noise: {max: -80}}").passed());
    EXPECT_EQ(of("channel1-noise", "result"), "pass");
}

TEST_F(AudioTest, TheSoundAndItsSpectrumAreKept) {
    EXPECT_TRUE(run("seconds: 0.5").passed());
    ASSERT_EQ(job.sink.artifacts.size(), 2u);
    EXPECT_EQ(job.sink.artifacts["0_out.wav"].substr(0, 4), "RIFF");
    EXPECT_GT(job.sink.artifacts["0_out.wav"].size(), 24000u * 2);
    EXPECT_EQ(job.sink.artifacts["0_out.png"].substr(1, 3), "PNG");
}

TEST_F(AudioTest, WhatIsMeasuredStaysWhateverBecomesOfTheFiles) {
    job.sink.no_artifacts = "cannot write the journal: No space left on device";
    const auto outcome = run("seconds: 0.5");
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(results(), Contains("0_out/channel1-drop_outs pass"));
    EXPECT_THAT(results(), Contains("lava/0_out fail"));
}

TEST_F(AudioTest, TwoTestsWhoseResultsWouldBeOneSuiteAreRefused) {
    const std::string test = "- test:\n    timeout: {minutes: 2}\n    audio:\n    - {name: out, seconds: 0.5}\n";
    job.definition = job_text(deploy_block() + boot_block() + test + test);
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("audio out: an entry before it has this name, too, and the results of "
                                             "both would be the suite 0_out: give it another name"));
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(AudioTest, ARepeatedTestKeepsTheLastSound) {
    job.definition = job_text(deploy_block() + boot_block() +
                              "- test:\n    timeout: {minutes: 2}\n    repeat: 3\n    audio:\n"
                              "    - {name: out, channels: 1, seconds: 0.5}\n");
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(sound->uses, 3);
    EXPECT_EQ(job.sink.artifacts.size(), 2u);
}

TEST_F(AudioTest, AGapThatIsTheHostsIsMeasuredAgain) {
    sound->busy = 2;
    EXPECT_TRUE(run("seconds: 0.5").passed());
    EXPECT_EQ(sound->uses, 3);
    EXPECT_THAT(job.sink.texts("warning"), Contains(HasSubstr("which is too busy; once more")));
}

TEST_F(AudioTest, AHostThatIsAlwaysTooBusyIsTheLabsFault) {
    sound->busy = 100;
    const auto outcome = run("seconds: 0.5");
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("thrice in a row"));
    EXPECT_THAT(results(), Contains("lava/0_out fail"));
}

TEST_F(AudioTest, ACardThatIsGoneEndsTheJobAndIsNamed) {
    sound->fails = "device sim-01: audio: card Rig (Loopback): it was unplugged: check its cable";
    const auto outcome = run("seconds: 0.5");
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("it was unplugged"));
}

TEST_F(AudioTest, ACardThatNeverEndsRunsOutOfTime) {
    sound->never_ends = true;
    const auto outcome = run("seconds: 0.5");
    EXPECT_FALSE(outcome.passed());
    EXPECT_THAT(outcome.error_msg, HasSubstr("lava-test-audio timed out after 120 seconds"));
}

TEST_F(AudioTest, ADeviceWithoutAudioRefusesTheJobBeforeItBoots) {
    job.board->audio = nullptr;
    const auto outcome = run("seconds: 0.5");
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("audio out: device sim-01 has no audio: take a device that has it"));
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(AudioTest, MistakesAreToldBeforeItBoots) {
    const auto outcome = run("seconds: 0.5, signal: noise, name: ../x");
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("'name' is '../x': give letters"));
    EXPECT_THAT(outcome.error_msg, HasSubstr("'signal' is 'noise': give one of tone, channel-map, sweep, silence"));
    EXPECT_EQ(job.board->boots, 0);
}

}  // namespace
}  // namespace patchbay::testing
