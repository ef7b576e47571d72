// SPDX-License-Identifier: Apache-2.0
#include "daemon/attach/plan.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

const WallTime noon{std::chrono::sys_days{std::chrono::year{2026} / 1 / 14} + std::chrono::hours{12}};

AttachedJobRow known(std::int64_t remote, std::string token = "t", std::optional<WallTime> ended = {}) {
    AttachedJobRow row;
    row.id.value = remote;
    row.remote = remote;
    row.token = std::move(token);
    row.ended = ended;
    return row;
}

TEST(AttachPlan, NewJobsBeginOnceInWhateverListTheyAre) {
    const PingAnswer answer{{}, {{4, "t"}, {5, "t"}}, {{5, "t"}, {6, "t"}, {6, "t"}}};
    const std::vector all{known(4)};
    const auto plan = make_plan(answer, all, noon);
    EXPECT_EQ(plan.begin, (std::vector<RemoteJob>{{5, "t"}, {6, "t"}}));
    EXPECT_TRUE(plan.cancel.empty() && plan.missing.empty() && plan.repeat.empty() && plan.unknown.empty());
}

TEST(AttachPlan, WhatTheServerCancelsStops) {
    const PingAnswer answer{{{4, "t"}, {9, "t"}}, {}, {}};
    const std::vector all{known(4)};
    const auto plan = make_plan(answer, all, noon);
    ASSERT_EQ(plan.cancel.size(), 1u);
    EXPECT_EQ(plan.cancel[0].remote, 4);
    EXPECT_EQ(plan.unknown, (std::vector<RemoteJob>{{9, "t"}}));
}

TEST(AttachPlan, WhatTheServerDoesNotNameIsMissing) {
    const std::vector all{known(4), known(5, "t", noon)};
    const auto plan = make_plan({}, all, noon);
    ASSERT_EQ(plan.missing.size(), 1u);
    EXPECT_EQ(plan.missing[0].remote, 4);
}

TEST(AttachPlan, AnEndThatCrossedTheListIsNotRepeated) {
    const PingAnswer answer{{}, {{4, "t"}, {5, "t"}}, {}};
    const std::vector all{known(4, "t", noon - std::chrono::seconds{1}), known(5, "t", noon)};
    const auto plan = make_plan(answer, all, noon);
    ASSERT_EQ(plan.repeat.size(), 1u);
    EXPECT_EQ(plan.repeat[0].remote, 4);
    EXPECT_TRUE(plan.begin.empty());
}

TEST(AttachPlan, AnotherTokenIsAnotherJob) {
    const PingAnswer answer{{}, {}, {{4, "new"}}};
    const std::vector all{known(4, "old")};
    const auto plan = make_plan(answer, all, noon);
    EXPECT_EQ(plan.begin, (std::vector<RemoteJob>{{4, "new"}}));
    ASSERT_EQ(plan.missing.size(), 1u);
    EXPECT_EQ(plan.missing[0].token, "old");
}

}  // namespace
}  // namespace patchbay
