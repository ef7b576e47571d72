// SPDX-License-Identifier: Apache-2.0
#include "core/clock.hpp"

#include <gtest/gtest.h>

#include "tests/core/support.hpp"

namespace patchbay {
namespace {

class FrozenClock : public ::testing::Test, protected testing::Lab {};

TEST_F(FrozenClock, MovesOnlyByHandAndTheTimeOfDayWithIt) {
    const auto before = Clock::now();
    const auto day = wall_now();
    time.advance(90s);
    EXPECT_EQ(Clock::now() - before, 90s);
    EXPECT_EQ(wall_now() - day, 90s);
    EXPECT_EQ(format_log_time(wall_now()), "2026-01-01T00:01:30.000000");
}

TEST_F(FrozenClock, TimersFireInTheOrderOfTheirMoments) {
    testing::Running c{io, testing::step(diary, "c", 3s)}, a{io, testing::step(diary, "a", 1s)},
        b{io, testing::step(diary, "b", 2s)};
    time.advance(10s);
    EXPECT_EQ(diary, (testing::Diary{"a", "b", "c"}));
}

TEST_F(FrozenClock, NoTimerFiresBeforeItsMoment) {
    testing::Running sleeper{io, sleep_for(10s)};
    time.advance(10s - 1ns);
    EXPECT_EQ(sleeper.outcome(), "running");
    time.advance(1ns);
    EXPECT_EQ(sleeper.outcome(), "done");
}

TEST(RunningClock, NeverGoesBackAndIsNotFrozenBehindATest) {
    ASSERT_FALSE(Clock::frozen);
    auto before = Clock::now();
    for (int i = 0; i < 1000; ++i) {
        const auto now = Clock::now();
        EXPECT_LE(before, now);
        before = now;
    }
}

TEST(FormatLogTime, HasSixDigitsAndNoZone) {
    using namespace std::chrono;
    EXPECT_EQ(format_log_time(sys_days{2026y / November / 22} + 6h + 49min + 22s + 740294us),
              "2026-11-22T06:49:22.740294");
    EXPECT_EQ(format_log_time(sys_days{2026y / November / 22} + 5us), "2026-11-22T00:00:00.000005");
    EXPECT_EQ(format_log_time(WallTime{-1us}), "1969-12-31T23:59:59.999999");
}

TEST(FormatHms, CountsHoursBeyondADay) {
    EXPECT_EQ(format_hms(0s), "00:00:00");
    EXPECT_EQ(format_hms(59s + 999ms), "00:00:59");
    EXPECT_EQ(format_hms(1h + 1min + 1s), "01:01:01");
    EXPECT_EQ(format_hms(100h), "100:00:00");
}

}  // namespace
}  // namespace patchbay
