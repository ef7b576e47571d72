// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/results.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class ResultsTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId alice = lab.add_user("alice");
    JobId job = lab.add_job(a_job(alice));
    Results results{lab.reader()};

    CaseId add(NewCase result, JobId to = JobId{1}) {
        auto write = [to, result](Database& db) { return Results{db}.add_case(to, result); };
        return lab.write(std::move(write));
    }
    static NewCase a_case(std::string suite, std::string name, CaseResult result = CaseResult::pass) {
        NewCase out;
        out.suite = std::move(suite);
        out.name = std::move(name);
        out.result = result;
        out.metadata = "case: " + out.name + "\n";
        out.logged = WallTime{1000us};
        return out;
    }
    std::vector<std::int64_t> ids(std::string_view parameter, FilterValue value) {
        const auto name = find_filter(QueryList::tests, parameter);
        if (!name) throw std::invalid_argument{"no such filter: " + std::string{parameter}};
        Condition condition;
        condition.field = name->field;
        condition.lookup = name->lookup;
        condition.values = {value};
        Query query;
        query.conditions = {condition};
        std::vector<std::int64_t> out;
        for (const auto& row : results.tests(job, {}, query)) out.push_back(row.id.value);
        EXPECT_EQ(results.count_tests(job, {}, query), static_cast<std::int64_t>(out.size()));
        return out;
    }
};

TEST_F(ResultsTest, ACaseComesBackAsItWasStored) {
    auto wanted = a_case("0_smoke", "t2", CaseResult::fail);
    wanted.measurement = "12.5000000000";
    wanted.units = "MB/s";
    wanted.set = "grp";
    wanted.extra = R"({"a": "b"})";
    wanted.start_log_line = 0;
    wanted.end_log_line = 4;
    const auto row = results.test(job, add(wanted));
    ASSERT_TRUE(row);
    EXPECT_EQ(row->suite_name, "0_smoke");
    EXPECT_EQ(row->name, "t2");
    EXPECT_EQ(row->result, CaseResult::fail);
    EXPECT_EQ(row->measurement, "12.5000000000");
    EXPECT_EQ(row->units, "MB/s");
    EXPECT_EQ(row->set_name, "grp");
    EXPECT_EQ(row->extra, R"({"a": "b"})");
    EXPECT_EQ(row->start_log_line, 0);
    EXPECT_EQ(row->end_log_line, 4);
    EXPECT_EQ(row->logged, WallTime{1000us});
    const auto bare = results.test(job, add(a_case("0_smoke", "t3")));
    EXPECT_EQ(bare->measurement, std::nullopt);
    EXPECT_EQ(bare->set, std::nullopt);
    EXPECT_EQ(bare->start_log_line, std::nullopt);
}

TEST_F(ResultsTest, ASuiteIsMadeOnceAndRetriesAreAllKept) {
    add(a_case("lava", "login-action", CaseResult::fail));
    add(a_case("lava", "login-action"));
    add(a_case("0_smoke", "t1"));
    const auto suites = results.suites(job, {});
    ASSERT_EQ(suites.size(), 2U);
    EXPECT_EQ(suites[0].name, "lava");
    EXPECT_EQ(results.count_suites(job, {}), 2);
    EXPECT_EQ(results.tests(job, suites[0].id, {}).size(), 2U);
    EXPECT_EQ(results.tests(job, {}, {}).size(), 3U);
    EXPECT_EQ(results.suite(job, "0_smoke")->id, suites[1].id);
}

TEST_F(ResultsTest, SuitesAndCasesOfAnotherJobAreNotFoundThroughThisOne) {
    const auto other = lab.add_job(a_job(alice));
    const auto id = add(a_case("lava", "job"), other);
    EXPECT_FALSE(results.test(job, id));
    EXPECT_TRUE(results.test(other, id));
    EXPECT_FALSE(results.suite(job, results.suites(other, {}).front().id));
    EXPECT_TRUE(results.suites(job, {}).empty());
}

TEST_F(ResultsTest, TheVerdictIsTheLastJobCaseOfTheLavaSuite) {
    EXPECT_FALSE(results.job_verdict(job));
    add(a_case("0_smoke", "job", CaseResult::fail));
    EXPECT_FALSE(results.job_verdict(job));
    add(a_case("lava", "job", CaseResult::fail));
    ASSERT_TRUE(results.job_verdict(job));
    EXPECT_EQ(results.job_verdict(job)->result, CaseResult::fail);
}

TEST_F(ResultsTest, EveryFilterOfTestsSelectsWhatItSays) {
    auto first = a_case("0_smoke", "alpha");
    first.measurement = "9.5000000000";
    first.units = "ms";
    first.start_log_line = 3;
    auto second = a_case("1_ltp", "beta", CaseResult::fail);
    second.measurement = "10.0000000000";
    second.set = "grp";
    second.logged = WallTime{2000us};
    add(first);
    add(second);
    using Ids = std::vector<std::int64_t>;
    const auto t = [](const char* value) { return FilterValue{std::string{value}}; };
    EXPECT_EQ(ids("result", std::int64_t{1}), Ids{2});
    EXPECT_EQ(ids("name__contains", t("lph")), Ids{1});
    EXPECT_EQ(ids("units", t("ms")), Ids{1});
    EXPECT_EQ(ids("metadata__contains", t("case: beta")), Ids{2});
    EXPECT_EQ(ids("measurement__gt", t("9.75")), Ids{2}) << "compared as numbers";
    EXPECT_EQ(ids("measurement", t("9.5")), Ids{1});
    EXPECT_EQ(ids("logged__gt", std::int64_t{1500}), Ids{2});
    EXPECT_EQ(ids("start_log_line__lte", std::int64_t{3}), Ids{1});
    EXPECT_EQ(ids("suite__name", t("1_ltp")), Ids{2});
    EXPECT_EQ(ids("test_set__name", t("grp")), Ids{2});
    EXPECT_EQ(ids("id__lt", std::int64_t{2}), Ids{1});
}

TEST_F(ResultsTest, AnExportGivesAllCasesOrOnePage) {
    for (int i = 0; i < 60; ++i) add(a_case("0_smoke", "t" + std::to_string(i)));
    EXPECT_EQ(results.export_rows(job, {}).size(), 60U);
    const auto page = results.export_rows(job, {}, 10, 55);
    ASSERT_EQ(page.size(), 5U);
    EXPECT_EQ(page.front().name, "t55");
}

}  // namespace
}  // namespace patchbay
