// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/audio_step.hpp"

#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "jobs/definition/submission.hpp"
#include "jobs/definition/validation.hpp"

namespace patchbay {
namespace {

std::string job_with(const std::string& entry) {
    return "device_type: board\njob_name: sound\nvisibility: public\npriority: medium\n"
           "timeouts: {job: {minutes: 5}}\n"
           "actions:\n- test:\n    timeout: {minutes: 2}\n    audio:\n    - " +
           entry + "\n";
}

/// What the gate says; "" when the job is taken.
std::string answer(const std::string& entry) {
    try {
        read_submission(job_with(entry));
        return "";
    } catch (const SubmissionError& error) {
        return error.what();
    }
}

AudioStep step(const std::string& entry) {
    std::vector<std::string> problems;
    auto read = read_audio_step(config::parse_yaml(entry), problems);
    EXPECT_EQ(problems, std::vector<std::string>{});
    return read;
}

TEST(AudioStep, HasDefaults) {
    const auto tone = step("{name: out}");
    EXPECT_EQ(tone.signal, AudioStep::Signal::tone);
    EXPECT_EQ(tone.direction, AudioStep::Direction::loop);
    EXPECT_EQ(tone.channels, 2u);
    EXPECT_EQ(tone.rate, 48000);
    EXPECT_EQ(tone.length, std::chrono::seconds{2});
    EXPECT_NEAR(*tone.limits.at("frequency").min, 996.003, 1e-9);
    EXPECT_NEAR(*tone.limits.at("frequency").max, 997.997, 1e-9);
    EXPECT_EQ(tone.limits.at("drop_outs").max, 0);
    EXPECT_EQ(tone.limits.at("clipped").max, 0);
    EXPECT_EQ(step("{name: d, signal: sweep}").length, std::chrono::milliseconds{200});
    EXPECT_EQ(step("{name: m, signal: channel-map, channels: 3}").map, (std::vector<std::size_t>{1, 2, 3}));
}

TEST(AudioStep, IsReadAsItIsGiven) {
    const auto tone = step(
        "{name: out, hardware: headset, direction: capture, channels: 1, rate: 44100, level: -3.5, frequency: 440,"
        " seconds: 0.5, limits: {level: {min: -4}, drop_outs: {max: 2}}}");
    EXPECT_EQ(tone.hardware, "headset");
    EXPECT_EQ(tone.direction, AudioStep::Direction::capture);
    EXPECT_EQ(tone.rate, 44100);
    EXPECT_EQ(tone.level, -3.5);
    EXPECT_EQ(tone.length, std::chrono::milliseconds{500});
    EXPECT_EQ(tone.limits.at("level").min, -4);
    EXPECT_FALSE(tone.limits.at("level").max);
    EXPECT_EQ(tone.limits.at("drop_outs").max, 2) << "instead of the default";
    EXPECT_EQ(step("{name: m, signal: channel-map, map: [2, 0]}").map, (std::vector<std::size_t>{2, 0}));
}

TEST(AudioStep, IsTakenByBothSchemas) {
    for (const auto* entry :
         {"{name: out}", "{name: d, signal: sweep, from: 100, to: 8000, limits: {latency: {max: 50}}}",
          "{name: q, signal: silence, limits: {noise: {max: -70}}}", "{name: p, direction: play}"}) {
        EXPECT_EQ(answer(entry), "") << entry;
        const auto problem = validate_job(config::parse_yaml(job_with(entry)), Strictness::strict);
        EXPECT_FALSE(problem) << entry << ": " << problem->message;
    }
}

struct Mistake {
    const char* entry;
    const char* words;
};

TEST(AudioStep, MistakesAreRefusedWithTheirPlace) {
    const Mistake mistakes[] = {
        {"{}", "required key not provided @ data['actions'][0]['test']['audio'][0]['name']"},
        {"{name: a, levle: -3}", "extra keys not allowed @ data['actions'][0]['test']['audio'][0]['levle']"},
        {"{name: a, level: loud}",
         "expected a number for dictionary value @ data['actions'][0]['test']['audio'][0]['level']"},
        {"{name: a, level: 3}", "'level' is 3: give -100 to 0 dBFS, where 0 is full scale"},
        {"{name: a, channels: 17}", "'channels' is 17: give 1 to 16 channels"},
        {"{name: a, rate: 4000}", "'rate' is 4000: give 8000 to 192000 samples a second"},
        {"{name: a, seconds: 61}", "'seconds' is 61: give 0.1 to 60 seconds"},
        {"{name: a, seconds: 60, channels: 16}", "so much sound does not fit"},
        {"{name: a, signal: noise}", "'signal' is 'noise': give one of tone, channel-map, sweep, silence"},
        {"{name: a, direction: both}", "'direction' is 'both': give one of loop, play, capture"},
        {"{name: a, rate: 8000, frequency: 5000}", "'frequency' is 5000: give 20 to 3600 hertz"},
        {"{name: a, from: 100}", "'from' belongs to signal: sweep"},
        {"{name: a, signal: sweep, from: 9000, to: 100}", "'from' is not below 'to'"},
        {"{name: a, map: [1, 2]}", "'map' belongs to signal: channel-map"},
        {"{name: a, signal: channel-map, map: [1]}", "'map' needs one number for each of the 2 channels"},
        {"{name: a, signal: channel-map, map: [1, 3]}", "'map' has 3: channels count from 1, and 0 is silence"},
        {"{name: a, limits: {latency: {max: 3}}}", "'latency' is not measured with this signal"},
        {"{name: a, limits: {level: {}}}", "the limit of 'level' needs 'min' or 'max'"},
        {"{name: a, limits: {level: {min: 0, max: -3}}}", "'min' is above 'max'"},
        {"{name: a, limits: {level: {mn: 0}}}", "extra keys not allowed"},
        {"{name: a, signal: silence, direction: play}", "to play silence measures nothing"},
        {"{name: a, signal: sweep, direction: capture}", "'direction' must be loop or play"},
        {"{name: a, direction: play, limits: {level: {min: 0}}}", "'limits' need direction loop or capture"},
    };
    for (const auto& mistake : mistakes) {
        const auto said = answer(mistake.entry);
        EXPECT_NE(said.find(mistake.words), std::string::npos) << mistake.entry << "\n" << said;
        EXPECT_TRUE(validate_job(config::parse_yaml(job_with(mistake.entry)), Strictness::strict)) << mistake.entry;
    }
}

TEST(AudioStep, AFilesNameHasAnEnd) {
    EXPECT_EQ(answer("{name: " + std::string(150, 'a') + "}"), "");
    EXPECT_NE(answer("{name: " + std::string(151, 'a') + "}").find("'name' has 151 letters: give at most 150"),
              std::string::npos);
}

TEST(AudioStep, NoTwoHaveOneName) {
    const std::string twice = "{name: a}\n    - {name: b}\n    - {name: a, channels: 1}";
    const auto said = answer(twice);
    EXPECT_NE(said.find("an entry before it has the name 'a', too: give it another one"), std::string::npos) << said;
    EXPECT_NE(said.find("['audio'][2]"), std::string::npos) << said;
    EXPECT_TRUE(validate_job(config::parse_yaml(job_with(twice)), Strictness::strict));
    EXPECT_EQ(answer("{name: a}\n    - {name: b}"), "");
}

TEST(AudioStep, OfATestThatIsNoneTheWordsAreLavas) {
    const std::string nothing =
        "device_type: board\njob_name: n\nvisibility: public\npriority: medium\n"
        "timeouts: {job: {minutes: 5}}\nactions:\n- test: {timeout: {minutes: 2}}\n";
    try {
        read_submission(nothing);
        FAIL() << "it is no test";
    } catch (const SubmissionError& error) {
        EXPECT_NE(std::string{error.what()}.find("['test']['monitors']"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace patchbay
