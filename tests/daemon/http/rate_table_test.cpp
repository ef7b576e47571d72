// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/rate_table.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

const Clock::time_point start{1000s};

TEST(RateTableTest, AllowsSoManyAtOnceAndThenTheRate) {
    RateTable table{{2, 5}};
    for (int i = 0; i < 5; ++i) EXPECT_EQ(table.take(1, start), 0s) << i;
    EXPECT_EQ(table.take(1, start), 500ms);
    EXPECT_EQ(table.take(1, start + 499ms), 1ms);
    EXPECT_EQ(table.take(1, start + 500ms), 0s);
    EXPECT_EQ(table.take(1, start + 500ms), 500ms);
    EXPECT_EQ(table.take(2, start), 0s) << "another one";
}

TEST(RateTableTest, ARefusedOneIsNotCounted) {
    RateTable table{{1, 1}};
    table.take(1, start);
    for (int i = 0; i < 100; ++i) EXPECT_GT(table.take(1, start), 0s);
    EXPECT_EQ(table.take(1, start + 1s), 0s);
}

TEST(RateTableTest, NobodySavesUpMoreThanTheRate) {
    RateTable table{{1, 2}};
    table.take(1, start);
    EXPECT_EQ(table.take(1, start + 1h), 0s);
    EXPECT_EQ(table.take(1, start + 1h), 0s);
    EXPECT_EQ(table.take(1, start + 1h), 1s);
}

TEST(RateTableTest, WaitingCountsNothing) {
    RateTable table{{1, 1}};
    EXPECT_EQ(table.wait(1, start), 0s);
    EXPECT_EQ(table.wait(1, start), 0s);
    EXPECT_EQ(table.size(), 0u);
}

TEST(RateTableTest, WithoutARateNothingIsRefusedOrRemembered) {
    RateTable table{{0, 1}};
    for (int i = 0; i < 100; ++i) EXPECT_EQ(table.take(1, start), 0s);
    EXPECT_EQ(table.size(), 0u);
}

TEST(RateTableTest, UsedUpIsAllOfIt) {
    RateTable table{{1, 3}};
    table.use_up(1, start);
    EXPECT_EQ(table.wait(1, start), 1s);
    EXPECT_EQ(table.wait(1, start + 1s), 0s);
}

TEST(RateTableTest, ACrowdDoesNotMakeItLarge) {
    RateTable table{{1, 1}, 1000};
    for (std::uint64_t key = 0; key < 100'000; ++key) {
        table.take(key, start);
        ASSERT_LE(table.size(), 1000u);
    }
}

TEST(RateTableTest, MakesRoomAmongThoseThatRestFirst) {
    RateTable table{{1, 1}, 100};
    for (std::uint64_t key = 0; key < 60; ++key) table.take(key, start);
    for (std::uint64_t key = 60; key < 100; ++key) table.take(key, start + 10s);
    table.take(100, start + 10s);
    EXPECT_EQ(table.size(), 41u);
    EXPECT_GT(table.wait(99, start + 10s), 0s) << "who came just now is not forgotten";
}

}  // namespace
}  // namespace patchbay
