// SPDX-License-Identifier: Apache-2.0
#include "core/deadline.hpp"

#include <gtest/gtest.h>

#include "tests/core/support.hpp"

namespace patchbay {
namespace {

using testing::Diary;
using testing::failing;
using testing::later;
using testing::Running;
using testing::step;

class DeadlineTest : public ::testing::Test, protected testing::Lab {
protected:
    /// How `task` ends: "done" or what describe() says, and after which time.
    std::string end_of(Task<> task) {
        const auto begin = Clock::now();
        std::string end = "done";
        try {
            time.run(std::move(task));
        } catch (const std::exception& error) {
            end = describe(error);
        }
        return end + " after " + std::to_string((Clock::now() - begin) / 1s) + " s";
    }
};

TEST_F(DeadlineTest, OnlyShrinks) {
    const auto job = Deadline::in(60s);
    EXPECT_EQ(job.at_most(10s).left(), 10s);
    EXPECT_EQ(job.at_most(100s).left(), 60s);
    time.advance(55s);
    EXPECT_EQ(job.at_most(10s).left(), 5s);
    time.advance(10s);
    EXPECT_EQ(job.left(), 0s);
    EXPECT_TRUE(job.passed());
    EXPECT_TRUE(job.at_most(1h).passed());
}

TEST_F(DeadlineTest, BeyondTheClockIsNever) {
    EXPECT_EQ(Deadline::in(Clock::duration::max()).at(), Deadline::never().at());
    EXPECT_EQ(Deadline::never().at_most(Clock::duration::max()).at(), Deadline::never().at());
    EXPECT_FALSE(Deadline::never().passed());
    EXPECT_EQ(end_of(with_deadline(Deadline::never(), "boot", step(diary, "booted", 60s))), "done after 60 s");
}

TEST_F(DeadlineTest, ASleepBeyondTheClockIsForEver) {
    EXPECT_EQ(saturated(90s), 90s);
    EXPECT_LT(saturated(std::chrono::seconds::min()), 0s);
    EXPECT_EQ(end_of(with_deadline(Deadline::in(60s), "delay", sleep_for(saturated(std::chrono::seconds::max())))),
              "timed out: delay after 60 s");
    EXPECT_EQ(end_of(with_deadline(Deadline::in(60s), "delay", sleep_for(Clock::duration::max()))),
              "timed out: delay after 60 s");
}

TEST_F(DeadlineTest, WorkThatEndsInTimeGivesItsValueAtOnce) {
    EXPECT_EQ(time.run(with_deadline(Deadline::in(60s), "read", later(5s, std::string{"text"}))), "text");
    EXPECT_EQ(Clock::moved.load(), Clock::duration{1} + 5s);
}

TEST_F(DeadlineTest, WorkThatTakesTooLongIsCancelledAndUnwoundBeforeTheTimeOutIsTold) {
    EXPECT_EQ(end_of(with_deadline(Deadline::in(10s), "boot", step(diary, "booted", 60s))),
              "timed out: boot after 10 s");
    EXPECT_EQ(diary, Diary{"booted cancelled"});
}

TEST_F(DeadlineTest, AFailureBeforeTheDeadlineIsTheFailureAndDoesNotWaitForIt) {
    EXPECT_EQ(end_of(with_deadline(Deadline::in(60s), "power", failing(2s, InfrastructureError{"relay gone"}))),
              "relay gone after 2 s");
}

TEST_F(DeadlineTest, WorkThatEndsAtThatVeryMomentHasEnded) {
    // Whichever of the two timers was set first.
    EXPECT_EQ(end_of(with_deadline(Deadline::in(10s), "boot", step(diary, "booted", 10s))), "done after 10 s");
    const auto at = Clock::now() + 10s;
    EXPECT_EQ(end_of(with_deadline(Deadline{at}, "boot", sleep_until(at))), "done after 10 s");
}

TEST_F(DeadlineTest, WorkThatFailsAtThatVeryMomentLosesNeitherTheTimeOutNorTheFailure) {
    const auto end = end_of(with_deadline(Deadline::in(10s), "boot", failing(10s, JobError{"no kernel"})));
    EXPECT_TRUE(end == "no kernel after 10 s" || end == "timed out: boot: no kernel after 10 s") << end;
}

TEST_F(DeadlineTest, ADeadlineThatHasPassedStillLetsTheWorkUnwind) {
    const auto past = Deadline::in(0s);
    time.advance(1s);
    EXPECT_EQ(end_of(with_deadline(past, "boot", step(diary, "booted", 1s))), "timed out: boot after 0 s");
    EXPECT_EQ(diary, Diary{"booted cancelled"});
}

Task<> that_fails_to_unwind() { co_await and_finally(sleep_for(1h), failing(1s, InfrastructureError{"relay gone"})); }

Task<> that_fails_when_cancelled() {
    bool cancelled = false;
    try {
        co_await sleep_for(1h);
    } catch (const boost::system::system_error&) {
        cancelled = true;
    }
    if (cancelled) throw InfrastructureError{"the switch is stuck"};
}

TEST_F(DeadlineTest, WhatFailedWhileTheWorkUnwoundIsNestedInTheTimeOut) {
    EXPECT_EQ(end_of(with_deadline(Deadline::in(10s), "boot", that_fails_when_cancelled())),
              "timed out: boot: the switch is stuck after 10 s");
    EXPECT_EQ(end_of(with_deadline(Deadline::in(10s), "boot", that_fails_to_unwind())), "timed out: boot after 11 s");
}

Task<> that_ends_well_when_cancelled() {
    try {
        co_await sleep_for(1h);
    } catch (const boost::system::system_error&) {
        co_return;
    }
}

TEST_F(DeadlineTest, WorkThatEndsWellAlthoughItWasCancelledHasEndedWell) {
    EXPECT_EQ(end_of(with_deadline(Deadline::in(10s), "drain", that_ends_well_when_cancelled())), "done after 10 s");
}

TEST_F(DeadlineTest, OfTwoNestedTheEarlierOneTells) {
    const auto nested = [this](Clock::duration outer, Clock::duration inner) {
        return end_of(with_deadline(Deadline::in(outer), "job",
                                    with_deadline(Deadline::in(inner), "boot", step(diary, "booted", 1h))));
    };
    EXPECT_EQ(nested(60s, 10s), "timed out: boot after 10 s");
    EXPECT_EQ(nested(10s, 60s), "timed out: job after 10 s");
    const auto both = nested(10s, 10s);
    EXPECT_TRUE(both.starts_with("timed out: ")) << both;
    EXPECT_EQ(diary, (Diary{"booted cancelled", "booted cancelled", "booted cancelled"}));
}

TEST_F(DeadlineTest, CancelledFromOutsideIsNoTimeOut) {
    Running job{io, with_deadline(Deadline::in(60s), "boot", step(diary, "booted", 1h))};
    time.advance(10s);
    job.cancel();
    time.settle();
    EXPECT_EQ(job.outcome(), "cancelled");
    EXPECT_EQ(diary, Diary{"booted cancelled"});
}

TEST_F(DeadlineTest, CancelledBeforeItsFirstStepItDoesNothing) {
    Running job{io, with_deadline(Deadline::in(60s), "boot", step(diary, "booted", 1h))};
    job.cancel();
    time.settle();
    EXPECT_EQ(job.outcome(), "cancelled");
    EXPECT_EQ(Clock::moved.load(), Clock::duration{1});
}

TEST_F(DeadlineTest, ATimeOutLeavesTheCallerAbleToGoOn) {
    const auto twice = [](Diary& entries) -> Task<> {
        bool late = false;
        try {
            co_await with_deadline(Deadline::in(1s), "first", step(entries, "first", 1h));
        } catch (const TimedOut&) {
            late = true;
        }
        if (late) co_await step(entries, "second", 1s);
    };
    EXPECT_EQ(end_of(twice(diary)), "done after 2 s");
    EXPECT_EQ(diary, (Diary{"first cancelled", "second"}));
}

}  // namespace
}  // namespace patchbay
