// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "core/deadline.hpp"
#include "tests/core/support.hpp"

namespace patchbay {
namespace {

using testing::Diary;
using testing::failing;
using testing::later;
using testing::Running;
using testing::step;

class AndFinally : public ::testing::Test, protected testing::Lab {
protected:
    void SetUp() override {
        auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(log);
        before_ = spdlog::default_logger();
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
    }
    void TearDown() override { spdlog::set_default_logger(before_); }

    std::string end_of(Task<> task) {
        Running running{io, std::move(task)};
        time.run_until([&] { return running.outcome() != "running"; }, 2h);
        return running.outcome();
    }

    std::ostringstream log;

private:
    std::shared_ptr<spdlog::logger> before_;
};

TEST_F(AndFinally, CleansUpAfterWorkThatWentWellAndHandsItsValueOn) {
    EXPECT_EQ(time.run(and_finally(later(1s, std::string{"booted"}), step(diary, "off", 1s))), "booted");
    EXPECT_EQ(diary, Diary{"off"});
}

TEST_F(AndFinally, CleansUpAfterWorkThatThrew) {
    EXPECT_EQ(end_of(and_finally(failing(1s, JobError{"no kernel"}), step(diary, "off", 1s))), "no kernel");
    EXPECT_EQ(diary, Diary{"off"});
    EXPECT_EQ(log.str(), "");
}

TEST_F(AndFinally, CleansUpInFullAfterWorkThatWasCancelled) {
    Running job{io, and_finally(step(diary, "boot", 1h), step(diary, "off", 5s))};
    time.advance(1s);
    job.cancel();
    time.advance(4s);
    EXPECT_EQ(job.outcome(), "running");
    time.advance(2s);
    EXPECT_EQ(job.outcome(), "cancelled");
    EXPECT_EQ(diary, (Diary{"boot cancelled", "off"}));
}

TEST_F(AndFinally, CleansUpInFullWhenTheDeadlineAroundItPasses) {
    EXPECT_EQ(
        end_of(with_deadline(Deadline::in(10s), "job", and_finally(step(diary, "boot", 1h), step(diary, "off", 5s)))),
        "timed out: job");
    EXPECT_EQ(diary, (Diary{"boot cancelled", "off"}));
}

TEST_F(AndFinally, AFailedCleanupIsTheFailureWhenTheWorkWentWell) {
    EXPECT_EQ(end_of(and_finally(step(diary, "boot", 1s), failing(1s, InfrastructureError{"relay gone"}))),
              "relay gone");
}

TEST_F(AndFinally, AFailedCleanupAfterFailedWorkIsLoggedAndTheWorkIsTheCause) {
    EXPECT_EQ(end_of(and_finally(failing(1s, JobError{"no kernel"}), failing(1s, InfrastructureError{"relay gone"}))),
              "no kernel");
    EXPECT_NE(log.str().find(R"(cleaning up failed error="relay gone" after="no kernel")"), std::string::npos)
        << log.str();
}

TEST_F(AndFinally, AFailedCleanupAfterCancelledWorkIsLogged) {
    Running job{io, and_finally(step(diary, "boot", 1h), failing(1s, InfrastructureError{"relay gone"}))};
    time.advance(1s);
    job.cancel();
    time.advance(2s);
    EXPECT_EQ(job.outcome(), "cancelled");
    EXPECT_NE(log.str().find("relay gone"), std::string::npos);
}

TEST_F(AndFinally, ACancellationDuringTheCleanupDoesNotTouchItButIsMetAfterwards) {
    const auto two_boards = [](Diary& entries) -> Task<> {
        co_await and_finally(step(entries, "boot", 1s), step(entries, "off", 10s));
        co_await step(entries, "next board", 1h);
    };
    Running job{io, two_boards(diary)};
    time.advance(5s);
    job.cancel();
    time.advance(1s);
    EXPECT_EQ(job.outcome(), "running");
    time.advance(10s);
    EXPECT_EQ(job.outcome(), "cancelled");
    EXPECT_EQ(diary.at(1), "off");
}

TEST_F(AndFinally, ACleanupInsideACleanupDoesNotOpenTheOuterOneToCancellation) {
    const auto power_down = [](Diary& entries) -> Task<> {
        co_await and_finally(step(entries, "sync", 1s), step(entries, "unmount", 1s));
        co_await step(entries, "off", 10s);
    };
    Running job{io, and_finally(step(diary, "boot", 1h), power_down(diary))};
    time.advance(1s);
    job.cancel();
    time.advance(5s);
    job.cancel();
    time.advance(10s);
    EXPECT_EQ(job.outcome(), "cancelled");
    EXPECT_EQ(diary, (Diary{"boot cancelled", "sync", "unmount", "off"}));
}

TEST_F(AndFinally, ADeadlineInsideTheCleanupBeginsWhenTheCleanupDoes) {
    const auto power_down = [](Diary& entries) -> Task<> {
        co_await with_deadline(Deadline::in(30s), "power-off", step(entries, "off", 20s));
    };
    EXPECT_EQ(end_of(and_finally(step(diary, "boot", 60s), power_down(diary))), "done");
    EXPECT_EQ(diary, (Diary{"boot", "off"}));
}

TEST_F(AndFinally, ADeadlineInsideTheCleanupStillCancelsIt) {
    const auto power_down = [](Diary& entries) -> Task<> {
        co_await with_deadline(Deadline::in(30s), "power-off", step(entries, "off", 1h));
    };
    Running job{io, and_finally(step(diary, "boot", 1h), power_down(diary))};
    time.advance(1s);
    job.cancel();
    time.advance(31s);
    EXPECT_EQ(job.outcome(), "cancelled");
    EXPECT_EQ(diary, (Diary{"boot cancelled", "off cancelled"}));
    EXPECT_NE(log.str().find("timed out: power-off"), std::string::npos);
}

}  // namespace
}  // namespace patchbay
