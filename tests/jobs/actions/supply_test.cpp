// SPDX-License-Identifier: Apache-2.0
// A supply that cannot be read back: the console of its board tells whether it is off.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

const std::string minimal =
    "- boot:\n    method: minimal\n    prompts: ['root@pb-guest:']\n    timeout: {minutes: 2}\n";
const std::string smoke_check = "- command: {name: smoke-check, timeout: {minutes: 1}}\n";
const std::string silent = "power is off: the console of the device is silent";
const std::string still_on =
    "device sim-01: power: simulated machine was switched off, but the board still speaks on its console: "
    "'root@pb-guest:/home#'; is it wired to the supply of this board, does its contact open, and is this the board's "
    "console?";

struct UnverifiedSupply : ::testing::Test {
    SimJob job;
    UnverifiedSupply() { set_up(job); }

    static void set_up(SimJob& job) {
        job.board->takes_images = false;
        job.board->unverified = true;
        job.board->boot = {say("[    0.0] Linux version 6.1\r\n"), pause(2s), say_prompt()};
        job.definition = job_text(minimal);
    }
};

TEST_F(UnverifiedSupply, IsBelievedWhenTheConsoleFallsSilent) {
    job.definition = job_text(minimal + minimal);
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed());
    EXPECT_TRUE(outcome.device_is_safe);
    EXPECT_EQ(job.board->boots, 2);
    EXPECT_EQ(std::ranges::count(job.sink.texts("debug"), silent), 2)
        << "before the first boot it has said nothing yet";
    EXPECT_FALSE(job.board->powered);
}

TEST_F(UnverifiedSupply, TakesTimeThatOneThatIsReadBackDoesNot) {
    job.run();
    SimJob other;
    set_up(other);
    other.board->unverified = false;
    EXPECT_TRUE(other.run().passed());
    EXPECT_FALSE(other.sink.has("debug", silent));
    EXPECT_GE(job.took, other.took + 6s);
    EXPECT_LT(job.took, other.took + 7s);
}

TEST_F(UnverifiedSupply, OfAnotherBoardDoesNotUndoAJobThatPassedButTheDeviceIsCalledUnsafe) {
    job.board->off_lies = true;
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed());
    EXPECT_FALSE(outcome.device_is_safe);
    EXPECT_EQ(job.sink.failure_of("power-off"), still_on);
    EXPECT_THAT(job.sink.cases(), Contains("lava/job pass"));
}

TEST_F(UnverifiedSupply, OfAnotherBoardIsNoReset) {
    job.definition = job_text(minimal + minimal);
    job.board->off_lies = true;
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, still_on);
    EXPECT_EQ(job.sink.failure_of("pdu-reboot"), still_on);
    EXPECT_EQ(job.board->boots, 1);
    EXPECT_FALSE(outcome.device_is_safe);
}

TEST_F(UnverifiedSupply, OfAnotherBoardFailsTheSmokeCheck) {
    job.definition = job_text(smoke_check);
    job.board->off_lies = true;
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, still_on);
    EXPECT_FALSE(outcome.device_is_safe);
}

TEST_F(UnverifiedSupply, LeavesABoardItsLastWords) {
    job.board->last_words = "[   99.0] reboot: Power down\r\n";
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed());
    EXPECT_TRUE(outcome.device_is_safe);
    EXPECT_TRUE(job.sink.has("target", "reboot: Power down"));
    EXPECT_TRUE(job.sink.has("debug", silent));
}

TEST_F(UnverifiedSupply, MaySwitchLate) {
    job.board->off_late = 5s;
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed());
    EXPECT_TRUE(outcome.device_is_safe);
    EXPECT_TRUE(job.sink.has("debug", silent));
}

TEST_F(UnverifiedSupply, MayTakeTheConsoleWithIt) {
    job.board->boot.push_back(hang_up());
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed());
    EXPECT_TRUE(outcome.device_is_safe);
}

TEST_F(UnverifiedSupply, IsNotListenedToLongerThanAJobWants) {
    job.cancel_when = [this] { return job.board->offs == 1; };
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::canceled);
    EXPECT_EQ(job.board->boots, 0);
    EXPECT_LT(job.took, 5s) << "the clean-up listens, too";
    EXPECT_TRUE(outcome.device_is_safe);
}

}  // namespace
}  // namespace patchbay::testing
