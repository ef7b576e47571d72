// SPDX-License-Identifier: Apache-2.0
#include "jobs/journal/log_record.hpp"

#include <gtest/gtest.h>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

const WallTime time{std::chrono::microseconds{1'767'225'601'000'001}};

std::string line(LogLevel level, std::string_view text) {
    std::string out;
    append_log_record(out, time, level, text);
    return out;
}

TEST(LogRecord, HasTheKeysInTheOrderThatClientsKnow) {
    EXPECT_EQ(line(LogLevel::target, "hello \t world"),
              R"({"dt": "2026-01-01T00:00:01.000001", "lvl": "target", "msg": "hello \t world"})");
}

TEST(LogRecord, IsAsciiWithEscapesThatJsonAndYamlShare) {
    using namespace std::string_literals;
    const auto head = R"({"dt": "2026-01-01T00:00:01.000001", "lvl": "target", "msg": )"s;
    EXPECT_EQ(line(LogLevel::target, "caf\xC3\xA9 \xE2\x80\x9Cx\xE2\x80\x9D"), head + R"("caf\u00e9 \u201cx\u201d"})");
    EXPECT_EQ(line(LogLevel::target, "\0\a\x1B\x7F"s), head + R"("\u0000\u0007\u001b\u007f"})");
    EXPECT_EQ(line(LogLevel::target, "\xFF"), head + R"("\ufffd"})");
    EXPECT_EQ(line(LogLevel::target, "\xF0\x9F\x90\xA7!"), head + "\"\xF0\x9F\x90\xA7!\"}") << "they share none for it";
    std::string result;
    append_result_record(result, time, config::Map{{"case", "\xC3\xA9"}, {"\xC3\xA9", config::List{"\xC3\xA9"}}});
    EXPECT_EQ(result, R"({"dt": "2026-01-01T00:00:01.000001", "lvl": "results", )"
                      R"("msg": {"case": "\u00e9", "\u00e9": ["\u00e9"]}})");
    const auto text = config::parse_json(line(LogLevel::target, "\xE2\x82\xAC\xF0\x9F\x90\xA7"));
    EXPECT_EQ(*text.find("msg"), config::Value{"\xE2\x82\xAC\xF0\x9F\x90\xA7"});
    EXPECT_EQ(config::parse_yaml(line(LogLevel::target, "\xE2\x82\xAC\xF0\x9F\x90\xA7")), text);
}

TEST(LogRecord, AFeedbackLineNamesItsNamespace) {
    std::string out;
    append_feedback_record(out, time, "docker", "x");
    EXPECT_EQ(out, R"({"dt": "2026-01-01T00:00:01.000001", "lvl": "feedback", "msg": "x", "ns": "docker"})");
}

TEST(LogRecord, AppendsToWhatIsThere) {
    std::string out = "- ";
    append_log_record(out, time, LogLevel::info, "a");
    EXPECT_EQ(out, "- " + line(LogLevel::info, "a"));
}

TEST(LogRecord, ALineOfAHundredThousandCharactersIsReplaced) {
    const auto overhead = line(LogLevel::target, "").size();
    const std::string fits(max_record_characters - overhead - 1, 'x');
    EXPECT_EQ(line(LogLevel::target, fits).size(), max_record_characters - 1);
    EXPECT_EQ(line(LogLevel::target, fits + "xx"), line(LogLevel::target, "<line way too long ...>"));
}

TEST(LogRecord, TheLimitCountsCharactersAsTheyAreWritten) {
    std::string penguins, euros;
    for (int i = 0; i < 60'000; ++i) penguins += "\xF0\x9F\x90\xA7";
    EXPECT_GT(line(LogLevel::target, penguins).size(), 240'000u) << "each is one";
    for (int i = 0; i < 20'000; ++i) euros += "\xE2\x82\xAC";
    EXPECT_EQ(line(LogLevel::target, euros), line(LogLevel::target, "<line way too long ...>")) << "each is an escape";
}

TEST(LogRecord, AResultIsAMap) {
    std::string out;
    append_result_record(out, time, config::Map{{"definition", "0_smoke"}, {"case", "a"}, {"result", "pass"}});
    EXPECT_EQ(out, R"({"dt": "2026-01-01T00:00:01.000001", "lvl": "results", )"
                   R"("msg": {"definition": "0_smoke", "case": "a", "result": "pass"}})");
}

TEST(LogRecord, AResultThatIsTooLongKeepsItsCase) {
    std::string out;
    append_result_record(out, time,
                         config::Map{{"definition", "lava"},
                                     {"case", "kernel-messages"},
                                     {"result", "fail"},
                                     {"level", "2.2.1"},
                                     {"extra", config::Map{{"extra", std::string(200'000, 'x')}}}});
    const auto record = config::parse_json(out);
    const auto* message = record.find("msg");
    ASSERT_TRUE(message);
    EXPECT_EQ(*message->find("case")->as_string(), "kernel-messages");
    EXPECT_EQ(*message->find("extra")->as_string(), "<line way too long ...>");
}

TEST(LogRecord, AResultOfTooManyKeysIsSkippedInLavasWords) {
    config::Map result;
    for (int i = 0; i < 200; ++i) result.set(std::string(500, 'k') + std::to_string(i), 1);
    std::string out;
    append_result_record(out, time, result);
    EXPECT_EQ(out,
              R"({"dt": "2026-01-01T00:00:01.000001", "lvl": "results", "msg": {"skip": "line way too long ..."}})");
}

TEST(LogRecord, AnOutcomeSaysWhoMustAct) {
    std::string out;
    append_fail_record(out, "Job", "no\nprompt");
    EXPECT_EQ(out, R"({"result": "fail", "error_type": "Job", "error_msg": "no\nprompt"})");
    out.clear();
    append_pass_record(out);
    EXPECT_EQ(out, R"({"result": "pass"})");
    out.clear();
    append_state_record(out, "running");
    EXPECT_EQ(out, R"({"state": "running"})");
}

TEST(LogRecord, AnOutcomeCanSayThatTheDeviceMayBeOn) {
    std::string out;
    append_fail_record(out, "Test", "no");
    mark_unsafe(out);
    EXPECT_EQ(out, R"({"result": "fail", "error_type": "Test", "error_msg": "no", "safe": false})");
}

TEST(LogRecord, ALongErrorMessageIsCutBetweenCharacters) {
    std::string message = "a";
    for (int i = 0; i < 20'000; ++i) message += "\xE2\x82\xAC";
    std::string out;
    append_fail_record(out, "Job", message);
    EXPECT_LT(out.size(), 32u * 1024);
    EXPECT_NO_THROW(config::parse_json(out));
}

}  // namespace
}  // namespace patchbay
