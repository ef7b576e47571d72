// SPDX-License-Identifier: Apache-2.0
// command: {name: X}: programs of this host, which are real ones here.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string command_block(const std::string& name) {
    return "- command: {name: " + name + ", timeout: {seconds: 20}}\n";
}

struct Command : ::testing::Test {
    SimJob job{SimJob::Time::real};
    Command() {
        job.board->boot = {say("Linux version 6.1\r\n"), say_prompt()};
        job.description.user_commands["lamp"] = {{"echo lamp is on"}, {"echo lamp is off"}};
    }

    std::size_t place(const std::string& text) const {
        const auto& records = job.sink.records;
        for (std::size_t i = 0; i < records.size(); ++i) {
            if (records[i].find(text) != std::string::npos) return i;
        }
        ADD_FAILURE() << "no record has " << text;
        return records.size();
    }
};

TEST_F(Command, OfTheUsersIsUndoneAfterTheMachineIsOff) {
    job.definition = job_text(command_block("lamp") + deploy_block() + boot_block());
    EXPECT_TRUE(job.run().passed());
    EXPECT_LT(place("Running user command 'lamp'"), place(">> lamp is on"));
    EXPECT_LT(place("start: 4.1 power-off"), place("Running cleanup for user command 'lamp'"));
    EXPECT_LT(place("Running cleanup for user command 'lamp'"), place(">> lamp is off"));
    EXPECT_THAT(job.sink.texts("debug"), Contains("Calling: ['echo', 'lamp', 'is', 'on']"));
}

TEST_F(Command, OfTheUsersIsUndoneWithPowerOnAfterAFailure) {
    job.definition = job_text(command_block("lamp") + deploy_block() + boot_block());
    job.board->boot = {hang_up()};
    EXPECT_EQ(job.run().error, ErrorType::infrastructure);
    EXPECT_LT(place(">> lamp is off"), place("start: 4.1 power-off"));
    EXPECT_FALSE(job.board->powered);
}

TEST_F(Command, TheSmokeCheckStartsTheDeviceAndSwitchesItOff) {
    job.definition = job_text(command_block("smoke-check"));
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->boots, 1);
    EXPECT_FALSE(job.board->powered);
    EXPECT_THAT(job.sink.texts("info"), Contains("the machine starts with the options of the device"));
}

TEST_F(Command, TheSmokeCheckOfADeviceThatDoesNotStartIsTheLabsProblem) {
    job.definition = job_text(command_block("smoke-check"));
    job.board->boot_fails = "no memory for the machine";
    EXPECT_EQ(job.run().error, ErrorType::infrastructure);
    SimJob other{SimJob::Time::real};
    other.definition = job.definition;
    other.board->probe_fails = "no program 'qemu-system-x86_64' on this machine";
    EXPECT_EQ(other.run().error, ErrorType::configuration);
}

TEST(SmokeCheck, ABoardGetsPowerAndHasToSaySomething) {
    SimJob job;
    job.definition = job_text("- command: {name: smoke-check, timeout: {minutes: 1}}\n");
    job.board->takes_images = false;
    job.board->boot = {pause(10s), say("U-Boot 2024.01\r\n")};
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->boots, 1);
    EXPECT_FALSE(job.board->powered);
    EXPECT_THAT(job.sink.texts("info"), Contains("its console speaks"));
}

TEST(SmokeCheck, ASilentBoardIsTheLabsProblem) {
    SimJob job;
    job.definition = job_text("- command: {name: smoke-check, timeout: {minutes: 1}}\n");
    job.board->takes_images = false;
    job.board->boot = {silence()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("smoke-check timed out after"));
    EXPECT_FALSE(job.board->powered);
}

TEST(SmokeCheck, WhatTheBoardSaidBeforeItWasCutIsNotItsNewBoot) {
    SimJob job;
    job.definition = job_text("- command: {name: smoke-check, timeout: {minutes: 1}}\n");
    job.board->takes_images = false;
    job.board->on_at_open = true;
    job.board->boots_in_turn = {{say("[ 99.0] still running\r\n")}, {silence()}};
    EXPECT_EQ(job.run().error, ErrorType::infrastructure);
    EXPECT_TRUE(job.sink.has("target", "still running"));
}

TEST(SmokeCheck, ABoardOfTheLabsCommandsIsStartedAndEndedByThem) {
    SimJob job{SimJob::Time::real};
    job.definition = job_text("- command: {name: smoke-check, timeout: {seconds: 20}}\n");
    job.board->takes_images = false;
    job.board->has_supply = false;
    job.board->on_at_open = true;
    job.board->boot = {say("old\r\n"), await_file((job.folder / "on").string()), say("U-Boot 2024.01\r\n")};
    const auto file = "'" + (job.folder / "on").string() + "'";
    job.description.commands["hard_reset"] = {{"touch " + file}, {}};
    job.description.commands["power_off"] = {{"rm " + file}, {}};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.sink.texts("info"), Contains("its console speaks"));
    EXPECT_FALSE(std::filesystem::exists(job.folder / "on"));
}

TEST(SmokeCheck, OfABoardThatNothingSwitchesItsConsoleIsOpened) {
    SimJob job;
    job.definition = job_text("- command: {name: smoke-check, timeout: {minutes: 1}}\n");
    job.board->takes_images = false;
    job.board->has_supply = false;
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.sink.texts("info"), Contains("its console can be opened; nothing here switches the board on"));
}

TEST(SmokeCheck, ABoardWithAFingerprintHasToSayAllOfIt) {
    SimJob job;
    job.definition = job_text("- command: {name: smoke-check, timeout: {minutes: 1}}\n");
    job.board->takes_images = false;
    job.board->boot = {say("U-Boot 2024.01\r\n"), pause(20s), say("Board: imx8mq\r\n")};
    job.description.fingerprint = {"U-Boot", "imx8mq$"};
    EXPECT_TRUE(job.run().passed());
    EXPECT_GE(job.took, 20s);
    EXPECT_THAT(job.sink.texts("info"), Contains("its console is this device's"));
}

TEST(SmokeCheck, TheWordsOfAnotherBoardAreQuoted) {
    SimJob job;
    job.definition = job_text("- command: {name: smoke-check, timeout: {minutes: 1}}\n");
    job.board->takes_images = false;
    job.board->boot = {say("U-Boot 2023.10\r\nBoard: rk3399\r\n"), silence()};
    job.description.fingerprint = {"U-Boot", "imx8mq"};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("did not say 'imx8mq', but: U-Boot 2023.10 | Board: rk3399; are the"));
    EXPECT_FALSE(job.board->powered);
}

TEST_F(Command, ADevicesOwnSmokeCheckIsItsUserCommand) {
    job.description.user_commands["smoke-check"] = {{"echo mine"}, {}};
    job.definition = job_text(command_block("smoke-check"));
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->boots, 0);
    EXPECT_LT(place("Running user command 'smoke-check'"), place(">> mine"));
}

TEST_F(Command, ThatFailsIsTheLabsProblemAndIsUndone) {
    job.description.user_commands["lamp"].run = {"sh -c 'echo no relay; exit 3'", "echo never"};
    job.definition = job_text(command_block("lamp"));
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, "Unable to run: 'sh -c 'echo no relay; exit 3'' failed");
    EXPECT_TRUE(job.sink.has("debug", ">> no relay"));
    EXPECT_TRUE(job.sink.has("debug", "Returned 3 in "));
    EXPECT_FALSE(job.sink.has("debug", ">> never"));
    EXPECT_TRUE(job.sink.has("debug", ">> lamp is off"));
}

TEST_F(Command, KnowsTheJobAndItsSecretsAndTellsNobody) {
    job.description.user_commands["lamp"].run = {"sh -c 'echo $LAVA_JOB_ID $TOKEN | rev'", "sh -c 'echo $TOKEN'"};
    job.definition = job_text(command_block("lamp"), "secrets: {TOKEN: hunter2}\n");
    EXPECT_TRUE(job.run().passed());
    EXPECT_TRUE(job.sink.has("debug", ">> 2retnuh 24"));
    EXPECT_TRUE(job.sink.has("debug", ">> [MASKED]"));
}

TEST_F(Command, IsNotSteeredByTheNamesOfSecrets) {
    job.description.user_commands["lamp"].run = {
        "sh -c 'echo \"($PATCHBAY_LEASE)($GIT_SSH_COMMAND)($https_proxy)($GIT_TOKEN)\"'"};
    job.definition = job_text(command_block("lamp"),
                              "secrets: {PATCHBAY_LEASE: aaa, GIT_SSH_COMMAND: bbb, https_proxy: ccc, PATH: /nowhere, "
                              "GIT_TOKEN: ddd}\n");
    EXPECT_TRUE(job.run().passed());
    EXPECT_TRUE(job.sink.has("debug", ">> ()()()([MASKED])"));
    EXPECT_TRUE(job.sink.has("warning", "the secret 'GIT_SSH_COMMAND' is not given to programs of this host"));
}

TEST_F(Command, GetsEverySecretWhereTheLabTrustsJobs) {
    job.settings.trusted_jobs = true;
    job.description.user_commands["lamp"].run = {"sh -c 'echo \"($GIT_SSH_COMMAND)\"'"};
    job.definition = job_text(command_block("lamp"), "secrets: {GIT_SSH_COMMAND: bbb}\n");
    EXPECT_TRUE(job.run().passed());
    EXPECT_TRUE(job.sink.has("debug", ">> ([MASKED])"));
}

TEST_F(Command, OfTheDeviceGoesByItsName) {
    job.description.commands["hard_reset"] = {{"echo reset"}, {}};
    job.definition = job_text(command_block("hard_reset"));
    EXPECT_TRUE(job.run().passed());
    EXPECT_TRUE(job.sink.has("debug", ">> reset"));
}

TEST_F(Command, ThatIsUnknownIsFoundBeforeTheJobStarts) {
    job.definition = job_text(command_block("lamb") + command_block("power_on"));
    job.description.commands.clear();
    const auto outcome = job.run();
    EXPECT_EQ(
        outcome.error_msg,
        "Invalid job data: [\"Unknown user command 'lamb'\", \"Command 'power_on' not defined for this device\"]\n");
    EXPECT_THAT(job.sink.cases(), ElementsAre("lava/validate fail", "lava/job fail"));
}

TEST_F(Command, ToSwitchOffTheDeviceIsRunAtTheEndOfEveryJob) {
    job.description.commands["power_off"] = {{"echo relay off"}, {}};
    job.definition = job_text(deploy_block() + boot_block());
    EXPECT_TRUE(job.run().passed());
    EXPECT_LT(place("start: 3.1 power-off"), place(">> relay off"));
    EXPECT_THAT(job.sink.cases(), Contains("lava/power-off pass"));
}

TEST_F(Command, ThatHangsIsStoppedWithItsAction) {
    job.description.user_commands["lamp"].run = {"sleep 1000"};
    job.definition = job_text("- command: {name: lamp, timeout: {seconds: 1}}\n");
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, "user-command timed out after 1 seconds");
    EXPECT_FALSE(job.left_running);
}

TEST_F(Command, WhoseUndoFailsOrHangsIsTheLabsProblemAndTheMachineIsOff) {
    for (const auto* undo : {"false", "sleep 1000"}) {
        SCOPED_TRACE(undo);
        SimJob other{SimJob::Time::real};
        other.board->boot = {say("Linux version 6.1\r\n"), say_prompt()};
        other.description.user_commands["lamp"] = {{"true"}, {undo}};
        other.definition = job_text("- command: {name: lamp, timeout: {seconds: 1}}\n" + deploy_block() + boot_block());
        const auto outcome = other.run();
        EXPECT_EQ(outcome.error, ErrorType::infrastructure);
        EXPECT_EQ(outcome.error_msg, "Failed to clean after job");
        EXPECT_TRUE(other.sink.has("error", "Failed to clean user-command: "));
        EXPECT_FALSE(other.board->powered);
        EXPECT_FALSE(other.left_running);
    }
}

TEST_F(Command, ThatRunsIsStoppedByACancel) {
    job.description.user_commands["lamp"].run = {"sh -c 'echo started; sleep 1000'"};
    job.definition = job_text(command_block("lamp"));
    job.cancel_when = [this] { return job.sink.has("debug", ">> started"); };
    EXPECT_EQ(job.run().error, ErrorType::canceled);
    EXPECT_TRUE(job.sink.has("debug", ">> lamp is off"));
}

}  // namespace
}  // namespace patchbay::testing
