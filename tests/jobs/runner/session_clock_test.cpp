// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/session_clock.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

using Due = SessionClock::Due;
using std::chrono::hours;
using std::chrono::minutes;

const Clock::time_point start{hours{1000}};

TEST(SessionClock, WarnsFiveMinutesBeforeTheEndAndOnce) {
    SessionClock clock{start, hours{2}, std::nullopt};
    EXPECT_EQ(clock.next(), start + minutes{115});
    EXPECT_EQ(clock.look(start + minutes{114}), Due::nothing);
    EXPECT_EQ(clock.look(start + minutes{115}), Due::warn_of_end);
    EXPECT_EQ(clock.look(start + minutes{116}), Due::nothing);
    EXPECT_EQ(clock.next(), start + hours{2});
    EXPECT_EQ(clock.look(start + hours{2}), Due::end);
}

TEST(SessionClock, OfAShortTimeAFifthIsTheWarning) {
    SessionClock clock{start, 10s, std::nullopt};
    EXPECT_EQ(clock.next(), start + 8s);
    EXPECT_EQ(clock.look(start + 8s), Due::warn_of_end);
}

TEST(SessionClock, ALongerTimeIsWarnedOfAgain) {
    SessionClock clock{start, hours{1}, std::nullopt};
    EXPECT_EQ(clock.look(start + minutes{56}), Due::warn_of_end);
    clock.end_at(start + minutes{57}, start + hours{2});
    EXPECT_EQ(clock.look(start + minutes{61}), Due::nothing);
    EXPECT_EQ(clock.look(start + minutes{115}), Due::warn_of_end);
    clock.end_at(start + minutes{116}, start + hours{2});
    EXPECT_EQ(clock.look(start + minutes{116}), Due::nothing) << "that end was told";
}

TEST(SessionClock, TheSameEndByAnotherReadingOfTheClockIsTheSame) {
    SessionClock clock{start, hours{2}, std::nullopt};
    EXPECT_FALSE(clock.end_at(start + minutes{110}, start + hours{2} + 3ms)) << "a daemon has connected again";
    EXPECT_EQ(clock.look(start + minutes{115}), Due::warn_of_end) << "five minutes, not a fifth of what was left";
    EXPECT_FALSE(clock.end_at(start + minutes{118}, start + hours{2} - 3ms));
    EXPECT_EQ(clock.look(start + minutes{118}), Due::nothing) << "that end was told";
    EXPECT_TRUE(clock.end_at(start + minutes{118}, start + hours{3}));
}

TEST(SessionClock, AnEndThatIsOverIsTheEnd) {
    SessionClock clock{start, hours{1}, std::nullopt};
    clock.end_at(start + minutes{1}, start);
    EXPECT_LE(clock.next(), start);
    EXPECT_EQ(clock.look(start + minutes{1}), Due::end);
}

TEST(SessionClock, ReleasesWhatNobodyUses) {
    SessionClock clock{start, hours{8}, minutes{60}};
    EXPECT_EQ(clock.next(), start + minutes{55});
    EXPECT_EQ(clock.look(start + minutes{55}), Due::warn_of_idleness);
    clock.used(start + minutes{58});
    EXPECT_EQ(clock.look(start + minutes{60}), Due::nothing);
    EXPECT_EQ(clock.look(start + minutes{113}), Due::warn_of_idleness) << "again, as it was used in between";
    EXPECT_EQ(clock.look(start + minutes{117}), Due::nothing);
    EXPECT_EQ(clock.look(start + minutes{118}), Due::idle);
}

TEST(SessionClock, TheEndComesBeforeIdleness) {
    SessionClock clock{start, minutes{30}, minutes{30}};
    EXPECT_EQ(clock.look(start + minutes{30}), Due::end);
}

}  // namespace
}  // namespace patchbay
