// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/interactive.hpp"

#include <gmock/gmock.h>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;

InteractiveStep::Verdict judge(const InteractiveStep& step, std::string_view output) {
    Matcher matcher;
    matcher.feed(output);
    return step.judge(matcher.search(step.patterns(), AtEnd::take).value());
}

InteractiveCommand version() {
    InteractiveCommand command;
    command.command = "version";
    command.name = "version";
    command.successes = {"U-Boot (?P<VER>\\S+)"};
    command.failures = {{"unknown command", ErrorType::job, "no version here"}, {"reset", std::nullopt, ""}};
    return command;
}

TEST(Interactive, WaitsForPromptsFailuresAndSuccesses) {
    InteractiveStep step{{"=> "}, version()};
    EXPECT_EQ(step.waiting_text(), "Waiting for '=> ', 'unknown command', 'reset', 'U-Boot (?P<VER>\\S+)'");
}

TEST(Interactive, ASuccessPassesAndGivesItsGroups) {
    const auto verdict = judge({{"=> "}, version()}, "U-Boot 2023.01\r\n=> ");
    EXPECT_TRUE(verdict.passed);
    EXPECT_FALSE(verdict.at_prompt);
    EXPECT_EQ(verdict.log, (LogLine{LogLevel::info, "Matched a success: 'U-Boot (?P<VER>\\S+)'"}));
    EXPECT_THAT(verdict.groups, ElementsAre(Pair("VER", "2023.01")));
}

TEST(Interactive, APromptFailsWhenASuccessWasExpected) {
    const auto verdict = judge({{"=> "}, version()}, "=> ");
    EXPECT_FALSE(verdict.passed);
    EXPECT_TRUE(verdict.at_prompt);
    EXPECT_EQ(verdict.log.text, "Matched a prompt (was expecting a success): '=> '");
    EXPECT_FALSE(verdict.exception);
}

TEST(Interactive, APromptPassesWhenNothingElseWasExpected) {
    InteractiveCommand command;
    command.command = "setenv x 1";
    const auto verdict = judge({{"=> "}, command}, "=> ");
    EXPECT_TRUE(verdict.passed);
    EXPECT_EQ(verdict.log, (LogLine{LogLevel::debug, "Matched a prompt: '=> '"}));
}

TEST(Interactive, AFailureRaisesWhatItNames) {
    const auto raised = judge({{"=> "}, version()}, "unknown command");
    EXPECT_EQ(raised.log, (LogLine{LogLevel::error, "Matched a failure: 'unknown command'"}));
    EXPECT_EQ(raised.exception, ErrorType::job);
    EXPECT_EQ(raised.error, "no version here");
    const auto plain = judge({{"=> "}, version()}, "reset");
    EXPECT_FALSE(plain.passed);
    EXPECT_FALSE(plain.exception);
}

TEST(Interactive, AFailingStepWithoutNameIsATestError) {
    auto command = version();
    command.name.clear();
    const auto verdict = judge({{"=> "}, command}, "=> ");
    EXPECT_EQ(verdict.exception, ErrorType::test);
    EXPECT_EQ(verdict.error, "Failed to run command 'version'");
}

TEST(Interactive, TheSameTextInPromptsAndSuccessesIsAPrompt) {
    InteractiveCommand command;
    command.successes = {"=> "};
    EXPECT_TRUE(judge({{"=> "}, command}, "=> ").at_prompt);
}

TEST(Interactive, ReplacesNamesInBraces) {
    EXPECT_EQ(substitute("ping {SERVER_IP} {X}{X} {Y}", {{"SERVER_IP", "10.0.0.1"}, {"X", "{X}"}}),
              "ping 10.0.0.1 {X}{X} {Y}");
}

TEST(Interactive, RecordsItsResult) {
    EXPECT_EQ(config::dump_flow(make_interactive_result("0_uboot", "version", true, 180ms)),
              R"({"definition": "0_uboot", "case": "version", "result": "pass", "duration": "0.18"})");
}

TEST(Interactive, KnowsTheThreeExceptions) {
    EXPECT_EQ(error_type_of_class("InfrastructureError"), ErrorType::infrastructure);
    EXPECT_EQ(error_type_of_class("TestError"), ErrorType::test);
    EXPECT_EQ(error_type_of_class("ValueError"), std::nullopt);
}

}  // namespace
}  // namespace patchbay
