// SPDX-License-Identifier: Apache-2.0
#include "core/ids.hpp"

#include <gtest/gtest.h>

#include <set>
#include <type_traits>
#include <unordered_set>

namespace patchbay {
namespace {

// What must not compile: one kind of number where another is wanted, and a number without its kind.
static_assert(!std::is_convertible_v<JobId, LeaseId>);
static_assert(!std::is_constructible_v<LeaseId, JobId>);
static_assert(!std::is_convertible_v<JobId, std::int64_t>);
static_assert(!std::is_convertible_v<std::int64_t, JobId>);
static_assert(!std::is_convertible_v<JobId, bool>);

TEST(Ids, NoughtIsNoId) {
    EXPECT_FALSE(JobId{});
    EXPECT_TRUE(JobId{7});
}

TEST(Ids, AreOrderedAsTheirNumbersSoThatAnOlderFenceIsLower) {
    EXPECT_LT(Fence{41}, Fence{42});
    EXPECT_EQ((std::set{JobId{10}, JobId{9}, JobId{10}}), (std::set{JobId{9}, JobId{10}}));
}

TEST(Ids, CanBeKeys) {
    const std::unordered_set<SuiteId> suites{SuiteId{1}, SuiteId{2}, SuiteId{1}};
    EXPECT_EQ(suites.size(), 2U);
    EXPECT_TRUE(suites.contains(SuiteId{2}));
}

}  // namespace
}  // namespace patchbay
