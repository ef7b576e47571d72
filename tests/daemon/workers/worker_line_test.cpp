// SPDX-License-Identifier: Apache-2.0
#include "daemon/workers/worker_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "jobs/journal/log_record.hpp"

namespace patchbay {
namespace {

using ::testing::HasSubstr;

constexpr auto now = WallTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}};
constexpr JobId job{7};

std::string record(std::string_view line) { return read_worker_line(line, job, now).record; }

TEST(WorkerLine, OfARunnerIsStoredAsOurRunnersWriteIt) {
    struct Case {
        std::string_view line, record;
    };
    const Case cases[] = {
        {R"(- {"dt": "2026-11-22T08:57:49.400166", "lvl": "info", "msg": "lava-dispatcher, installed at version: 2023.01"})",
         R"({"dt": "2026-11-22T08:57:49.400166", "lvl": "info", "msg": "lava-dispatcher, installed at version: 2023.01"})"},
        // Escapes of YAML that JSON does not have.
        {R"(- {"dt": "2026-11-22T08:57:49.400166", "lvl": "target", "msg": "\e[1mb\xE9\a\_\N\L \U0001F600\tx"})",
         "{\"dt\": \"2026-11-22T08:57:49.400166\", \"lvl\": \"target\", \"msg\": "
         "\"\\u001b[1mb\\u00e9\\u0007\\u00a0\\u0085\\u2028 \xf0\x9f\x98\x80\\tx\"}"},
        // A runner of 2026 sends the offset, and clients fail on it.
        {R"(- {"dt": "2026-11-22T08:57:49.000001+00:00", "lvl": "debug", "msg": "x"})",
         R"({"dt": "2026-11-22T08:57:49.000001", "lvl": "debug", "msg": "x"})"},
        // What Python writes when the microseconds are 0.
        {R"(- {"dt": "2026-11-22T08:57:49", "lvl": "debug", "msg": "x"})",
         R"({"dt": "2026-11-22T08:57:49.000000", "lvl": "debug", "msg": "x"})"},
        {R"(- {"dt": "2026-11-22T08:57:49.5", "lvl": "event", "msg": "x"})",
         R"({"dt": "2026-11-22T08:57:49.000000", "lvl": "debug", "msg": "x"})"},
        {R"(- {"dt": "2026-11-22T08:57:49.000001", "lvl": "debug", "msg": {"sending": "ls"}})",
         R"({"dt": "2026-11-22T08:57:49.000001", "lvl": "debug", "msg": {"sending": "ls"}})"},
        {R"(- {"dt": "2026-11-22T08:57:49.000001", "lvl": "error", "msg": ["a", "b"]})",
         R"({"dt": "2026-11-22T08:57:49.000001", "lvl": "error", "msg": ["a", "b"]})"},
        {R"(- {"dt": "2026-11-22T08:57:49.000001", "lvl": "feedback", "msg": "x", "ns": "other"})",
         R"({"dt": "2026-11-22T08:57:49.000001", "lvl": "feedback", "msg": "x", "ns": "other"})"},
        {R"(- {"dt": "yesterday", "lvl": "info", "msg": "x"})",
         R"({"dt": "2026-01-02T00:00:00.000000", "lvl": "info", "msg": "x"})"},
        {R"(- {"lvl": "info"})", R"({"dt": "2026-01-02T00:00:00.000000", "lvl": "info", "msg": ""})"},
        {R"(- {"dt": "2026-13-41T99:00:00.000000", "lvl": "info", "msg": ! "null"})",
         R"({"dt": "2026-01-02T00:00:00.000000", "lvl": "info", "msg": ""})"},
    };
    for (const auto& each : cases) EXPECT_EQ(record(each.line), each.record) << each.line;
}

TEST(WorkerLine, OfAResultIsACaseWithTheNumbersOfTheWorkersLog) {
    const auto line = read_worker_line(
        R"(- {"dt": "2026-11-22T08:57:49.4", "lvl": "results", "msg": {"case": "t2", "definition": "0_smoke", )"
        R"("endtc": ! "4", "measurement": ! "12.5", "result": "fail", "starttc": !!int "2", "units": "MB/s"}})",
        job, now);
    ASSERT_TRUE(line.test_case);
    EXPECT_EQ(line.test_case->suite, "0_smoke");
    EXPECT_EQ(line.test_case->result, CaseResult::fail);
    EXPECT_EQ(line.test_case->measurement, "12.5000000000");
    EXPECT_EQ(line.test_case->start_log_line, 2);
    EXPECT_EQ(line.test_case->end_log_line, 4);
    EXPECT_THAT(line.record, HasSubstr(R"("starttc": 2)"));
    const auto odd = read_worker_line(R"(- {"lvl": "results", "msg": {"case": "t2"}})", job, now);
    EXPECT_FALSE(odd.test_case);
    EXPECT_THAT(odd.comment, HasSubstr("Missing some keys"));
    EXPECT_THAT(record(R"(- {"lvl": "results", "msg": "none"})"), HasSubstr(R"("lvl": "results", "msg": "none")"));
}

TEST(WorkerLine, ThatCannotBeReadSaysSoInItsPlace) {
    const std::string bomb = "- {\"lvl\": \"info\", \"msg\": " + std::string(60, '[') + std::string(60, ']') + "}";
    const std::string_view lines[] = {"",
                                      "-",
                                      "- ",
                                      "nonsense",
                                      "- [",
                                      "- x",
                                      "- {\"lvl\": \"loud\", \"msg\": \"x\"}",
                                      "- {\"lvl\": [1]}",
                                      "- {\"dt\": \"\xff\", \"lvl\": \"info\", \"msg\": \"\xff\"}",
                                      bomb,
                                      "- &a {\"lvl\": *a}"};
    for (const auto line : lines) {
        const auto stored = record(line);
        EXPECT_THAT(stored, HasSubstr(R"("lvl": "warning", "msg": "a line of the worker's log cannot be read: )"))
            << line;
        EXPECT_NO_THROW(config::parse_json(stored)) << stored;
    }
}

TEST(WorkerLine, ThatIsTooLongIsReplacedAndAResultKeepsItsVerdict) {
    const std::string much(2 * max_record_characters, 'x');
    EXPECT_EQ(record("- {\"dt\": \"2026-11-22T08:57:49.000001\", \"lvl\": \"target\", \"msg\": \"" + much + "\"}"),
              R"({"dt": "2026-11-22T08:57:49.000001", "lvl": "target", "msg": "<line way too long ...>"})");
    EXPECT_THAT(record("- {\"lvl\": \"debug\", \"msg\": [\"" + much + "\"]}"), HasSubstr("line way too long"));
    const auto result = read_worker_line(
        "- {\"lvl\": \"results\", \"msg\": {\"definition\": \"s\", \"case\": \"c\", "
        "\"result\": \"pass\", \"note\": \"" +
            much + "\"}}",
        job, now);
    EXPECT_LT(result.record.size(), max_record_characters);
    ASSERT_TRUE(result.test_case);
    EXPECT_EQ(result.test_case->name, "c");
}

TEST(WorkerLines, AreCutAtLineEndsAndCounted) {
    using Lines = std::vector<std::string_view>;
    EXPECT_EQ(split_worker_lines("- a\n- b"), (Lines{"- a", "- b"}));
    EXPECT_EQ(split_worker_lines("- a\n- b\n"), (Lines{"- a", "- b"}));
    EXPECT_EQ(split_worker_lines("\n- b"), (Lines{"", "- b"}));
    EXPECT_EQ(split_worker_lines(""), (Lines{}));
    std::string many;
    for (std::size_t i = 0; i < most_worker_lines + 5; ++i) many += "- x\n";
    EXPECT_EQ(split_worker_lines(many).size(), most_worker_lines);
}

}  // namespace
}  // namespace patchbay
