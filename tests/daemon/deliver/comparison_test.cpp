// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/comparison.hpp"

#include <gtest/gtest.h>

#include "daemon/store/results.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

CaseRow a_case(const std::string& suite, const std::string& name, CaseResult result) {
    CaseRow row;
    row.suite_name = suite;
    row.name = name;
    row.result = result;
    return row;
}

TEST(Differences, EachCaseThatDiffersIsALine) {
    using enum CaseResult;
    const std::vector<CaseRow> now{a_case("0_a", "same", pass),  a_case("0_a", "broke", fail),
                                   a_case("0_a", "new", skip),   a_case("0_a", "twice", fail),
                                   a_case("0_a", "twice", pass), a_case("1_b", "x", fail),
                                   a_case("0_a", "noisy", fail)};
    const std::vector<CaseRow> before{a_case("0_a", "same", pass), a_case("0_a", "broke", pass),
                                      a_case("0_a", "gone", pass), a_case("0_a", "twice", pass),
                                      a_case("1_b", "x", pass),    a_case("0_a", "noisy", pass)};
    EXPECT_EQ(differences(now, before, {"1_b", "noisy"}),
              "  0_a/broke: fail, was pass\n  0_a/gone: missing, was pass\n  0_a/new: skip, was missing\n");
    EXPECT_EQ(differences(now, now, {}), "");
}

class ComparisonTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId alice = lab.add_user("alice"), bob = lab.add_user("bob");

    JobId ended(JobHealth health, CaseResult result, UserId owner, Visibility visibility = Visibility::everyone) {
        auto made = a_job(owner);
        made.visibility = visibility;
        const auto id = lab.add_job(made);
        auto end = [=](Database& db) {
            NewCase row;
            row.suite = "0_a";
            row.name = "t";
            row.result = result;
            Results{db}.add_case(id, row);
            Jobs{db}.finish(id, health, wall_now());
        };
        lab.write(std::move(end));
        return id;
    }
    std::string text(JobId id, const std::string& conditions) {
        return comparison_text(lab.reader(), *Jobs{lab.reader()}.find(id), {conditions, {}});
    }
};

TEST_F(ComparisonTest, TheNewestCompleteOneOfTheLastFiveIsComparedWith) {
    ended(JobHealth::complete, CaseResult::fail, alice);
    ended(JobHealth::complete, CaseResult::pass, alice);
    ended(JobHealth::incomplete, CaseResult::skip, alice);
    const auto now = ended(JobHealth::complete, CaseResult::fail, alice);
    const auto said = text(now, "description__smoke");
    EXPECT_NE(said.find("Compared with job 2:\n  0_a/t: fail, was pass\n"), std::string::npos) << said;
    EXPECT_NE(said.find("  3 Finished Incomplete "), std::string::npos) << said;
    EXPECT_EQ(said.find("  4 Finished"), std::string::npos) << "not with itself";
}

TEST_F(ComparisonTest, JobsThatTheSubmitterMayNotSeeStayUnseen) {
    ended(JobHealth::complete, CaseResult::pass, bob, Visibility::personal);
    const auto now = ended(JobHealth::complete, CaseResult::fail, alice);
    EXPECT_NE(text(now, "description__smoke").find("nothing to compare with"), std::string::npos);
}

TEST_F(ComparisonTest, OnlyTheLastTenThousandJobsAreLookedAt) {
    const auto old = ended(JobHealth::complete, CaseResult::pass, alice);
    const auto first_behind = [this](JobId last) {
        const auto make_room = [last](Database& db) {
            db.change("UPDATE sqlite_sequence SET seq = $1 WHERE name = 'job'", last);
        };
        lab.write(make_room);
        return ended(JobHealth::complete, CaseResult::fail, alice);
    };
    const auto near = first_behind(JobId{old.value + 9'998});
    EXPECT_NE(text(near, "description__smoke").find("Compared with job 1:"), std::string::npos);
    const auto far = first_behind(JobId{old.value + 9'999});
    EXPECT_NE(text(far, "submitter__alice,health__Complete").find("Compared with job 10000:"), std::string::npos);
    EXPECT_EQ(text(far, "submitter__alice,health__Complete").find("\n  1 Finished"), std::string::npos);
}

TEST_F(ComparisonTest, WithoutAQueryNothingIsSaidAndAWrongOneIsNamed) {
    const auto now = ended(JobHealth::complete, CaseResult::fail, alice);
    EXPECT_EQ(text(now, ""), "");
    EXPECT_NE(text(now, "moon__full").find("this lab knows no such query"), std::string::npos);
}

}  // namespace
}  // namespace patchbay
