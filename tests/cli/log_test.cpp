// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/commands/watch.hpp"
#include "cli/exit.hpp"
#include "cli/log/render.hpp"
#include "cli/run/line_splitter.hpp"

namespace patchbay::cli {
namespace {

std::string shown(std::string_view line, bool colour = false) {
    const auto record = parse_record(line);
    return record ? render(*record, Paint{colour}) : "no record";
}

TEST(LogLine, IsShownWithTimeLevelAndText) {
    const std::pair<const char*, const char*> table[] = {
        {R"(- {"dt": "2026-01-01T08:44:48.534095", "lvl": "info", "msg": "start: 0 validate"})",
         "08:44:48.534  info     start: 0 validate\n"},
        {R"({"dt": "2026-01-01T08:44:48", "lvl": "target", "msg": "[    0.0] Linux"})",
         "08:44:48.000  target   [    0.0] Linux\n"},
        {R"({"dt": "2026-01-01T08:44:48.5+00:00", "lvl": "debug", "msg": "old"})", "08:44:48.500  debug    old\n"},
        {R"({"dt": "2026-01-01T08:44:48.000001", "lvl": "feedback", "msg": "hi", "ns": "dut2"})",
         "08:44:48.000  feedback [dut2] hi\n"},
        {R"({"dt": "2026-01-01T08:44:48.534095", "lvl": "error", "msg": ["one", "two"]})",
         "08:44:48.534  error    one\n                       two\n"},
        {R"({"dt": "2026-01-01T08:44:48.534095", "lvl": "error", "msg": "one\ntwo\n"})",
         "08:44:48.534  error    one\n                       two\n"},
        {R"({"dt": "2026-01-01T08:44:48.534095", "lvl": "debug", "msg": {"sending": "reboot"}})",
         "08:44:48.534  debug    sending: reboot\n"},
        {R"({"dt": "2026-01-01T08:44:48.534095", "lvl": "results", "msg": {"definition": "0_smoke", "case": "t2", "result": "fail", "measurement": "12.50", "units": "MB/s"}})",
         "08:44:48.534  results  fail  0_smoke/t2  12.5 MB/s\n"},
        {R"({"dt": "2026-01-01T08:44:48.534095", "lvl": "results", "msg": {"definition": "1_net", "case": "ping", "set": "ipv6", "result": "pass"}})",
         "08:44:48.534  results  pass  1_net/ipv6/ping\n"},
        {R"({"dt": "2026-01-01T08:44:48.534095", "lvl": "results", "msg": {"definition": "lava", "case": "job", "result": "fail", "error_type": "Job", "error_msg": "no\nprompt"}})",
         "08:44:48.534  results  fail  lava/job  Job: no prompt\n"},
        {R"({"dt": "2026-01-01T08:44:48.534095", "lvl": "results", "msg": {"definition": "lava", "case": "boot", "result": "pass", "duration": "3.20"}})",
         "08:44:48.534  results  pass  lava/boot  3.20 s\n"},
        {R"({"lvl": "target", "msg": null})", "              target   \n"},
    };
    for (const auto& [line, text] : table) EXPECT_EQ(shown(line), text) << line;
}

TEST(LogLine, OfAnOldWorkerIsYamlAndNotJson) {
    EXPECT_EQ(shown(R"(- {"dt": "2026-01-01T08:44:48.534095", "lvl": "target", "msg": "caf\xE9 \e[1mbold"})"),
              "08:44:48.534  target   café bold\n");
}

TEST(LogLine, WithoutALevelIsNoRecord) {
    for (const auto* line :
         {"", "- ", "hello", "{", "[]", "{}", R"({"dt": "x"})", "Traceback (most recent call last):"})
        EXPECT_FALSE(parse_record(line)) << line;
}

TEST(LogLine, KeepsTheColoursOfABoardOnATerminalOnly) {
    const auto* line = R"({"dt": "2026-01-01T08:44:48.5", "lvl": "target", "msg": "\u001b[32mOK\u001b[0m\u001b[2J"})";
    EXPECT_EQ(shown(line, false), "08:44:48.500  target   OK\n");
    EXPECT_NE(shown(line, true).find("\x1b[32mOK\x1b[0m"), std::string::npos);
    EXPECT_EQ(shown(line, true).find("[2J"), std::string::npos);
}

TEST(LogLine, AsJsonCarriesItsNumber) {
    const auto record = parse_record(R"(- {"dt": "2026-01-01T08:44:48.5", "lvl": "info", "msg": "a"})");
    ASSERT_TRUE(record);
    EXPECT_EQ(record_json(*record, 12), R"({"line":12,"dt":"2026-01-01T08:44:48.5","lvl":"info","msg":"a"})");
    EXPECT_EQ(record->stored, R"({"dt": "2026-01-01T08:44:48.5", "lvl": "info", "msg": "a"})");
}

TEST(LogLine, ThatStartsAStepNamesIt) {
    const auto step = [](const char* text) {
        LogRecord record;
        record.text = config::Value{text};
        return step_of(record);
    };
    EXPECT_EQ(step("start: 2.1 boot-qemu-image (timeout 00:02:00) [common]"), "boot-qemu-image");
    EXPECT_EQ(step("start: 0 validate"), "validate");
    EXPECT_EQ(step("end: 0 validate"), "");
    EXPECT_EQ(step("start: "), "");
}

TEST(Levels, AMistypedLevelIsNamedTogetherWithTheKnownOnes) {
    EXPECT_EQ(parse_levels("target,results"), (Levels{"target", "results"}));
    EXPECT_TRUE(parse_levels("").empty());
    try {
        parse_levels("target,result");
        FAIL();
    } catch (const UserError& error) {
        EXPECT_NE(std::string{error.what()}.find("unknown level 'result'"), std::string::npos) << error.what();
        EXPECT_NE(std::string{error.what()}.find("feedback results"), std::string::npos) << error.what();
    }
}

TEST(Measurement, IsShownWithoutUselessZeros) {
    const std::pair<const char*, const char*> table[] = {
        {"12.5000000000", "12.5"}, {"3.0", "3"},     {"100", "100"}, {"0.0000000000", "0"},
        {"-0.50", "-0.5"},         {"1e10", "1e10"}, {"", ""},       {"n/a", "n/a"}};
    for (const auto& [number, text] : table) EXPECT_EQ(short_number(number), text);
}

TEST(LineSplitter, FindsTheSameLinesHoweverTheBytesAreCut) {
    const std::string stream = "one\n\ntwo three\nlast";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        LineSplitter splitter;
        std::string out;
        const auto take = [&](std::string_view line) { out += "[" + std::string{line} + "]"; };
        splitter.feed(std::string_view{stream}.substr(0, cut), take);
        splitter.feed(std::string_view{stream}.substr(cut), take);
        splitter.finish(take);
        EXPECT_EQ(out, "[one][][two three][last]") << "cut at byte " << cut;
    }
}

TEST(LineSplitter, HandsOverAnEndlessLineInPieces) {
    LineSplitter splitter;
    std::size_t longest = 0, total = 0;
    const std::string piece(1024 * 1024, 'x');
    const auto take = [&](std::string_view line) {
        longest = std::max(longest, line.size());
        total += line.size();
    };
    for (int i = 0; i < 20; ++i) splitter.feed(piece, take);
    splitter.finish(take);
    EXPECT_EQ(total, 20 * piece.size());
    EXPECT_LE(longest, LineSplitter::limit + piece.size());
}

}  // namespace
}  // namespace patchbay::cli
