// SPDX-License-Identifier: Apache-2.0
#include "jobs/portable/result_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/portable/portable_text.hpp"

namespace patchbay::testing {
namespace {

/// "one/a: pass expected | fail regressed": a row as text.
std::vector<std::string> texts(const std::vector<ResultRow>& rows) {
    std::vector<std::string> lines;
    for (const auto& row : rows) {
        auto line = row.test + ":";
        for (const auto& cell : row.cells) {
            line += " " + (cell.result.empty() ? "-" : cell.result);
            if (cell.mark) line += "(" + std::string{to_string(*cell.mark)} + ")";
        }
        lines.push_back(line + (row.equal ? "" : " !"));
    }
    return lines;
}

TEST(ResultTable, PutsDeviceTypesSideBySide) {
    const std::vector<ResultColumn> columns{
        {"vm", "1", "finished", "complete", {{"one/a", "pass"}, {"one/b", "fail"}}},
        {"board", "2", "finished", "complete", {{"one/a", "pass"}, {"one/b", "pass"}, {"one/c", "skip"}}}};
    EXPECT_THAT(texts(result_table(columns, {})),
                ::testing::ElementsAre("one/a: pass pass", "one/b: fail pass !", "one/c: - skip !"));
}

TEST(ResultTable, MarksWhatWasExpected) {
    const auto expect =
        portable("expect: {one/a: pass, one/b: {board: fail, '*': pass}, one/d: pass, one/e: skip}\n").expect;
    const std::vector<ResultColumn> columns{
        {"vm", "1", "finished", "complete", {{"one/a", "pass"}, {"one/b", "fail"}, {"one/e", "fail"}}},
        {"board",
         "2",
         "finished",
         "complete",
         {{"one/a", "fail"}, {"one/b", "pass"}, {"one/c", "pass"}, {"one/d", "pass"}}}};
    EXPECT_THAT(texts(result_table(columns, expect)),
                ::testing::ElementsAre("one/a: pass(expected) fail(regressed) !",
                                       "one/b: fail(regressed) pass(fixed) !", "one/c: - pass(new) !",
                                       "one/d: -(missing) pass(expected) !", "one/e: fail(differs) -(missing) !"));
}

TEST(ResultTable, MissesNothingOfAJobThatStillRuns) {
    const auto expect = portable("expect: {one/a: pass}\n").expect;
    EXPECT_THAT(texts(result_table({{"vm", "1", "running", "unknown", {}}}, expect)),
                ::testing::ElementsAre("one/a: -"));
}

TEST(ResultTable, TakesTheWorstOfSeveralResults) {
    EXPECT_EQ(worse_result("pass", "fail"), "fail");
    EXPECT_EQ(worse_result("fail", "pass"), "fail");
    EXPECT_EQ(worse_result("skip", "pass"), "skip");
    EXPECT_EQ(worse_result("", "pass"), "pass");
}

TEST(ResultTable, KnowsASuiteWithoutItsNumber) {
    EXPECT_EQ(plain_suite("0_smoke"), "smoke");
    EXPECT_EQ(plain_suite("12_a_b"), "a_b");
    EXPECT_EQ(plain_suite("lava"), "lava");
    EXPECT_EQ(plain_suite("7"), "7");
    EXPECT_EQ(plain_suite("_x"), "_x");
}

}  // namespace
}  // namespace patchbay::testing
