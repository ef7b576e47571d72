// SPDX-License-Identifier: Apache-2.0
#include "core/task_group.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <optional>
#include <sstream>

#include "core/errors.hpp"
#include "tests/core/support.hpp"

namespace patchbay {
namespace {

using testing::Diary;
using testing::failing;
using testing::Running;
using testing::step;

class TaskGroupTest : public ::testing::Test, protected testing::Lab {
protected:
    TaskGroup group{io.get_executor()};
};

TEST_F(TaskGroupTest, MembersRunSideBySideAndAreGoneWhenTheyEnd) {
    group.spawn("a", step(diary, "a", 2s));
    group.spawn("b", step(diary, "b", 1s));
    EXPECT_EQ(group.size(), 2U);
    time.advance(1s);
    EXPECT_EQ(group.size(), 1U);
    time.run(group.join());
    EXPECT_EQ(group.size(), 0U);
    EXPECT_EQ(diary, (Diary{"b", "a"}));
}

TEST_F(TaskGroupTest, JoiningAnEmptyGroupIsDoneAtOnce) {
    time.run(group.join());
    EXPECT_EQ(Clock::moved.load(), Clock::duration{1});
}

TEST_F(TaskGroupTest, CancellingStopsEveryMemberAndJoinWaitsUntilTheyHaveUnwound) {
    group.spawn("poll", step(diary, "poll", 1h));
    group.spawn("board", and_finally(step(diary, "boot", 1h), step(diary, "off", 5s)));
    time.advance(1s);
    group.cancel();
    time.run(group.join());
    EXPECT_EQ(Clock::moved.load(), Clock::duration{1} + 6s);
    EXPECT_EQ(diary, (Diary{"poll cancelled", "boot cancelled", "off"}));
}

TEST_F(TaskGroupTest, CancellingTwiceIsHarmlessAndDoesNotCutACleanupShort) {
    group.spawn("board", and_finally(step(diary, "boot", 1h), step(diary, "off", 5s)));
    time.advance(1s);
    group.cancel();
    time.advance(1s);
    group.cancel();
    time.run(group.join());
    EXPECT_EQ(diary, (Diary{"boot cancelled", "off"}));
}

TEST_F(TaskGroupTest, AMemberCancelledBeforeItsFirstStepEndsWithoutDoingAnything) {
    group.spawn("a", step(diary, "a", 1h));
    group.cancel();
    time.run(group.join());
    EXPECT_EQ(Clock::moved.load(), Clock::duration{1});
    EXPECT_EQ(diary, Diary{"a cancelled"});
}

Task<> start_later(TaskGroup& group, Diary& diary) {
    co_await sleep_for(1s);
    group.spawn("second", step(diary, "second", 5s));
}

TEST_F(TaskGroupTest, JoinWaitsForMembersThatWereStartedMeanwhile) {
    group.spawn("first", start_later(group, diary));
    time.run(group.join());
    EXPECT_EQ(diary, Diary{"second"});
    EXPECT_EQ(group.size(), 0U);
}

TEST_F(TaskGroupTest, AMemberStartedAfterACancellationRuns) {
    group.cancel();
    group.spawn("next", step(diary, "next", 1s));
    time.run(group.join());
    EXPECT_EQ(diary, Diary{"next"});
}

TEST_F(TaskGroupTest, SeveralMayJoinAndOneWhoGivesUpLeavesTheOthersWaiting) {
    group.spawn("a", step(diary, "a", 10s));
    Running patient{io, group.join()};
    Running hasty{io, with_deadline(Deadline::in(2s), "join", group.join())};
    time.advance(3s);
    EXPECT_EQ(hasty.outcome(), "timed out: join");
    EXPECT_EQ(patient.outcome(), "running");
    EXPECT_EQ(group.size(), 1U);
    time.advance(8s);
    EXPECT_EQ(patient.outcome(), "done");
    EXPECT_EQ(diary, Diary{"a"});
}

TEST_F(TaskGroupTest, AFailureIsToldWithItsNameAndTheOthersGoOn) {
    std::vector<std::string> told;
    group.on_failure(
        [&told](const std::string& name, std::exception_ptr error) { told.push_back(name + ": " + describe(error)); });
    group.spawn("board", failing(1s, InfrastructureError{"relay gone"}));
    group.spawn("poll", step(diary, "poll", 5s));
    time.run(group.join());
    EXPECT_EQ(told, std::vector<std::string>{"board: relay gone"});
    EXPECT_EQ(diary, Diary{"poll"});
}

TEST_F(TaskGroupTest, ACancelledMemberIsNoFailure) {
    int told = 0;
    group.on_failure([&told](const std::string&, std::exception_ptr) { ++told; });
    group.spawn("poll", step(diary, "poll", 1h));
    time.advance(1s);
    group.cancel();
    time.run(group.join());
    EXPECT_EQ(told, 0);
}

TEST_F(TaskGroupTest, WithoutAHandlerAFailureIsLogged) {
    std::ostringstream log;
    const auto before = spdlog::default_logger();
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
    group.spawn("board", failing(1s, InfrastructureError{"relay gone"}));
    time.run(group.join());
    spdlog::set_default_logger(before);
    EXPECT_NE(log.str().find("background task failed name=board error=relay gone"), std::string::npos) << log.str();
}

TEST_F(TaskGroupTest, AHandlerThatThrowsLeavesNoMemberBehind) {
    group.on_failure([](const std::string& name, std::exception_ptr) { throw std::runtime_error{name}; });
    group.spawn("board", failing(0s, JobError{"no kernel"}));
    EXPECT_THROW(time.settle(), std::runtime_error);
    EXPECT_EQ(group.size(), 0U);
    time.run(group.join());
}

TEST_F(TaskGroupTest, AMemberMayOutliveTheGroupWhileItUnwinds) {
    std::optional<TaskGroup> mine{io.get_executor()};
    mine->spawn("board", and_finally(step(diary, "boot", 1h), step(diary, "off", 5s)));
    time.advance(1s);
    mine.reset();
    time.advance(6s);
    EXPECT_EQ(diary, (Diary{"boot cancelled", "off"}));
}

}  // namespace
}  // namespace patchbay
