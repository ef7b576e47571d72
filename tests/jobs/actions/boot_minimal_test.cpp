// SPDX-License-Identifier: Apache-2.0
// boot: {method: minimal}: a board that starts by itself when it gets power.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string minimal_block(const std::string& extra = "") {
    return "- boot:\n    method: minimal\n    prompts: ['root@pb-guest:']\n    timeout: {minutes: 2}\n" + extra;
}

const SimStep kernel = say("[    0.0] Linux version 6.1\r\n");

struct BootMinimal : ::testing::Test {
    SimJob job;
    BootMinimal() {
        job.board->takes_images = false;
        job.board->boot = {kernel, pause(2s), say_prompt()};
        job.definition = job_text(minimal_block());
    }
};

TEST_F(BootMinimal, ConnectsFirstThenCyclesTheSupply) {
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.sink.cases(), ElementsAre("lava/validate pass", "lava/pdu-reboot pass", "lava/kernel-messages pass",
                                              "lava/login-action pass", "lava/job pass"));
    EXPECT_THAT(job.sink.texts("info"), Contains(HasSubstr("Connecting to device using")));
    EXPECT_TRUE(job.sink.has("debug", "power is cycled, and reads back on"));
    EXPECT_EQ(job.board->boots, 1);
    EXPECT_GE(job.took, 4s);  // dark for two seconds, booting for two
    EXPECT_FALSE(job.board->powered);
}

TEST_F(BootMinimal, LeavesARunningBoardAloneWithoutReset) {
    job.definition = job_text(minimal_block() + minimal_block("    reset: false\n"));
    job.board->answers = {{"", "", 0s}};
    job.run();
    EXPECT_EQ(job.board->boots, 1);
    EXPECT_TRUE(job.sink.has("debug", "Already connected"));
}

TEST_F(BootMinimal, TriesAgainWithAnotherCycle) {
    job.board->boots_in_turn = {{kernel, hang_up()}};
    job.definition = job_text(minimal_block("    failure_retry: 2\n"));
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->boots, 2);
    EXPECT_TRUE(job.sink.has("warning", "Dead connection, reconnecting"));
}

TEST_F(BootMinimal, WhatABoardSaidBeforeItWasCutIsNoNewBoot) {
    // Small reads: the login ends at the first prompt, and the rest waits in the serial line.
    job.board->chunk = 8;
    job.board->boots_in_turn = {
        {kernel, say("root@pb-guest:/home# \r\nLinux version 6.1, by its watchdog\r\nroot@pb-guest:/home# ")}};
    job.board->boot = {silence()};
    job.definition = job_text(minimal_block() + minimal_block());
    const auto outcome = job.run();
    EXPECT_EQ(job.board->boots, 2);
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(job.sink.failure_of("auto-login-action"), "wait for prompt timed out");
    EXPECT_TRUE(job.sink.has("target", "by its watchdog"));
}

TEST_F(BootMinimal, WhatABoardStillSaysWhileItIsCutIsNoNewBoot) {
    job.board->off_takes = 3s;
    job.board->boots_in_turn = {
        {kernel, say_prompt(), pause(2s), say("[    0.0] Linux version 6.1\r\nroot@pb-guest:\r\n"), silence()}};
    job.board->boot = {silence()};
    job.definition = job_text(minimal_block() + minimal_block());
    EXPECT_EQ(job.run().error, ErrorType::job);
    EXPECT_EQ(job.board->boots, 2);
}

TEST_F(BootMinimal, ADeviceWithoutTheMethodRefusesIt) {
    job.description.boot_methods.erase("minimal");
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("minimal: \"minimal\" is not in the device's boot methods"));
}

TEST_F(BootMinimal, ABoardWithAFingerprintHasToSayIt) {
    job.board->boot = {say("U-Boot 2024.01 imx8mq\r\n"), kernel, say_prompt()};
    job.description.fingerprint = {"U-Boot 20[0-9]+", "imx8mq"};
    EXPECT_TRUE(job.run().passed());
}

TEST_F(BootMinimal, AnotherBoardOnTheConsoleIsTheLabsProblemBeforeATestRuns) {
    job.board->boot = {say("U-Boot 2023.10 rk3399\r\n"), kernel, say_prompt()};
    job.description.fingerprint = {"U-Boot 20[0-9]+", "imx8mq"};
    job.definition = job_text(minimal_block() + test_block("smoke"));
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(
        outcome.error_msg,
        "device sim-01: its console did not say 'imx8mq', but: U-Boot 2023.10 rk3399 | [    0.0] Linux version 6.1; "
        "are the console cables of two boards swapped? (its 'fingerprint' says what it should print at power-on)");
    EXPECT_EQ(job.sink.failure_of("auto-login-action"), outcome.error_msg);
}

TEST_F(BootMinimal, ABoardThatIsNotResetIsNotCompared) {
    job.description.fingerprint = {"imx8mq"};
    job.definition = job_text(minimal_block("    reset: false\n"));
    job.board->powered = true;
    EXPECT_EQ(job.run().error_msg.find("fingerprint"), std::string::npos);
}

struct BootMinimalCommands : ::testing::Test {
    SimJob job{SimJob::Time::real};
    BootMinimalCommands() {
        job.board->takes_images = false;
        job.board->powered = true;
        job.board->boot = {kernel, say_prompt()};
        // An echo cuts nothing, so the board stays silent, and the time is real.
        job.definition = job_text(
            "- boot: {method: minimal, prompts: ['root@pb-guest:'], pre_os_command: true, timeout: {seconds: 4}}\n");
        job.description.commands["hard_reset"].run = {"echo board is cut"};
        job.description.commands["pre_os_command"].run = {"echo usb to the board"};
    }
};

TEST_F(BootMinimalCommands, HardResetOfTheDeviceFileComesBeforeTheSupply) {
    job.run();
    EXPECT_TRUE(job.sink.has("debug", ">> usb to the board"));
    EXPECT_TRUE(job.sink.has("debug", ">> board is cut"));
    EXPECT_EQ(job.board->boots, 0);  // an echo cuts nothing
}

TEST_F(BootMinimalCommands, ASupplyIsOpenedThoughTheCommandOfTheLabFails) {
    job.description.commands.erase("hard_reset");
    job.description.commands["power_off"].run = {"false"};
    const auto outcome = job.run();
    EXPECT_EQ(job.sink.failure_of("power-off"), "Unable to power-off: 'false' failed");
    EXPECT_FALSE(outcome.device_is_safe) << "the command may have been for more than the supply";
    EXPECT_EQ(job.board->offs, 3) << "for the reset, after the command, and for the safe state";
}

TEST_F(BootMinimalCommands, ACommandThatThereIsNotIsSaidBeforeTheBoardIsTouched) {
    job.description.commands.erase("pre_os_command");
    EXPECT_EQ(job.run().error_msg.find("Command 'pre_os_command' not defined for this device") != std::string::npos,
              true);
    EXPECT_FALSE(job.sink.has("debug", ">> board is cut"));
}

}  // namespace
}  // namespace patchbay::testing
