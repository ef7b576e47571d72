// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/backoff.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

using Kind = Attempt::Kind;

TEST(Backoff, AStatusIsSentTriedAgainOrHopeless) {
    for (const long status : {200, 201, 202, 204, 299}) EXPECT_EQ(meaning_of_status(status), Kind::sent) << status;
    for (const long status : {408, 429, 500, 501, 502, 503, 504, 507, 520, 599})
        EXPECT_EQ(meaning_of_status(status), Kind::again) << status;
    for (const long status : {100, 300, 304, 400, 401, 403, 404, 405, 410, 413, 422, 451})
        EXPECT_EQ(meaning_of_status(status), Kind::hopeless) << status;
}

class AfterAttempt : public ::testing::Test {
protected:
    NotificationSettings settings;
    WallTime now = WallTime{std::chrono::hours{10'000}};
    NotificationRow row = [this] {
        NotificationRow made;
        made.created = made.due = now;
        return made;
    }();
    Attempt failed{Kind::again, 503, "busy", {}};

    std::chrono::microseconds pause(int attempts, double spread = 0) {
        row.attempts = attempts;
        return after_attempt(row, failed, settings, now, spread).due - now;
    }
};

TEST_F(AfterAttempt, ThePauseDoublesUpToTheLongest) {
    EXPECT_EQ(pause(0), 5s);
    EXPECT_EQ(pause(1), 10s);
    EXPECT_EQ(pause(2), 20s);
    EXPECT_EQ(pause(9), 2560s);
    EXPECT_EQ(pause(10), 3600s);
    EXPECT_EQ(pause(1'000'000), 3600s);
}

TEST_F(AfterAttempt, ItIsSpreadByAFifth) {
    EXPECT_EQ(pause(0, -1), 4s);
    EXPECT_EQ(pause(0, 1), 6s);
    EXPECT_EQ(pause(0, 0.5), 5500ms);
}

TEST_F(AfterAttempt, WhatTheReceiverAsksForIsHeededUpToTheLongest) {
    failed.retry_after = 90s;
    EXPECT_EQ(pause(0), 90s);
    failed.retry_after = 1s;
    EXPECT_EQ(pause(0), 5s);
    failed.retry_after = 86400s;
    EXPECT_EQ(pause(0), 3600s);
}

TEST_F(AfterAttempt, ItIsGivenUpWhenTheNextTryWouldComeTooLate) {
    row.attempts = 20;
    row.created = now - (settings.give_up_after - 1h);
    EXPECT_EQ(after_attempt(row, failed, settings, now, 0).phase, NotificationPhase::waiting);
    row.created = now - settings.give_up_after;
    const auto last = after_attempt(row, failed, settings, now, 0);
    EXPECT_EQ(last.phase, NotificationPhase::given_up);
    EXPECT_EQ(last.problem, "busy; given up after 3 days");
    EXPECT_EQ(last.status, 503);
}

TEST_F(AfterAttempt, AClockThatJumpsGivesNothingUpAtTheFirstTry) {
    row.created = now - 365 * 24h;
    for (row.attempts = 0; row.attempts < 9; ++row.attempts) {
        const auto failure = after_attempt(row, failed, settings, now, 0);
        EXPECT_EQ(failure.phase, NotificationPhase::waiting) << row.attempts;
        EXPECT_EQ(failure.problem, "busy");
    }
    EXPECT_EQ(after_attempt(row, failed, settings, now, 0).phase, NotificationPhase::given_up);
}

TEST_F(AfterAttempt, WhatWasSentOrIsHopelessWaitsNoLonger) {
    EXPECT_EQ(after_attempt(row, {Kind::sent, 202, "", {}}, settings, now, 0).phase, NotificationPhase::sent);
    const auto refused = after_attempt(row, {Kind::hopeless, 400, "no", {}}, settings, now, 0);
    EXPECT_EQ(refused.phase, NotificationPhase::given_up);
    EXPECT_EQ(refused.problem, "no");
    EXPECT_EQ(refused.at, now);
}

}  // namespace
}  // namespace patchbay
