// SPDX-License-Identifier: Apache-2.0
// What a machine can do instead of booting, and what the job makes of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const SimStep kernel = say("[    0.0] Linux version 6.1\r\n");

struct Boot : ::testing::Test {
    SimJob job;
    Boot() { job.definition = job_text(deploy_block() + boot_block()); }

    void TearDown() override {
        // A machine that cannot be switched off goes on, whatever we do.
        const bool obeys = job.board->off_fails.empty() && !job.board->off_never_ends;
        EXPECT_EQ(job.board->powered, !obeys);
        EXPECT_EQ(job.left_running, !obeys);
        EXPECT_EQ(job.sink.job_results(), 1u);
        EXPECT_FALSE(std::filesystem::exists(job.directory()));
    }
};

TEST_F(Boot, PassesWithoutATestAndTypesNothing) {
    job.board->boot = {pause(3s), kernel, pause(2s), say_prompt()};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.sink.cases(), ElementsAre("lava/validate pass", "lava/file-download pass",
                                              "lava/file-download pass", "lava/execute-qemu pass",
                                              "lava/kernel-messages pass", "lava/login-action pass", "lava/job pass"));
    EXPECT_EQ(job.board->typed, "");
    EXPECT_GE(job.took, 5s);
    EXPECT_LT(job.took, 8s);
}

TEST_F(Boot, ReportsTheWordsOfAMachineThatDoesNotStart) {
    job.board->boot_fails = "qemu-system-x86_64: -accel kvm: failed to initialize kvm";
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, job.board->boot_fails);
    EXPECT_EQ(job.sink.failure_of("execute-qemu"), job.board->boot_fails);
    EXPECT_THAT(job.sink.texts("error"), Contains(StartsWith("InfrastructureError: ")));
}

TEST_F(Boot, FindsItsProgramMissingBeforeAnythingRuns) {
    job.board->probe_fails = "qemu-system-x86_64 is not installed; install qemu-system-x86";
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::configuration);
    EXPECT_THAT(job.sink.cases(), ElementsAre("lava/validate fail", "lava/job fail"));
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(Boot, NamesKernelMessagesAndGoesOn) {
    job.board->boot = {kernel,
                       say("------------[ cut here ]------------\r\nWARNING: CPU: 0 at x.c\r\n"
                           "---[ end trace 0123 ]---\r\nBUG: something\r\n"),
                       say_prompt()};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.sink.texts("warning"), ElementsAre("login-action: kernel 'warning'", "login-action: kernel 'bug'",
                                                       "Kernel warnings or errors detected."));
    const auto result = job.sink.result_of("lava", "kernel-messages");
    EXPECT_EQ(result.find("extra")->find("extra")->as_list()->size(), 2u);
}

TEST_F(Boot, TakesAPanicWithoutItsEndForAPanic) {
    job.board->boot = {kernel, say("Kernel panic - not syncing: VFS\r\n"), silence()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg, "Kernel panic - not syncing");
    EXPECT_TRUE(job.sink.result_of("lava", "kernel-messages").is_null());
    EXPECT_GE(job.took, 2min);
    EXPECT_LT(job.took, 125s);
}

TEST_F(Boot, EndsWithTheConsole) {
    job.board->boot = {kernel, pause(1s), hang_up()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, "Connection closed");
    EXPECT_THAT(job.sink.texts("error"), Contains(StartsWith("ConnectionClosedError: ")));
    EXPECT_LT(job.took, 5s);
}

TEST_F(Boot, IsTriedAgainFromPowerOn) {
    job.definition = job_text(deploy_block() + boot_block("    failure_retry: 2\n"));
    job.board->boots_in_turn = {{kernel, hang_up()}};
    job.board->boot = {kernel, say_prompt()};
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->boots, 2);
    EXPECT_THAT(job.sink.texts("error"), ElementsAre("auto-login-action failed: 1 of 2 attempts. 'Connection closed'",
                                                     "auto-login-action failed: 2 of 2 attempts. 'Connection closed'",
                                                     "boot-image-retry failed: 1 of 2 attempts. "
                                                     "'2 retries out of 2 failed for auto-login-action'"));
    EXPECT_THAT(job.sink.texts("warning"), ElementsAre(HasSubstr("Retrying: 2.2 auto-login-action (timeout 00:01:5"),
                                                       HasSubstr("Retrying: 2 boot-image-retry (timeout 00:01:5")));
}

TEST_F(Boot, SaysHowOftenItWasTriedInVain) {
    job.definition = job_text(deploy_block() + boot_block("    failure_retry: 3\n    failure_retry_interval: 7\n"));
    job.board->boot_fails = "no such disk";
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(job.board->boots, 9);  // boot-qemu-image and boot-image-retry each try three times
    EXPECT_EQ(outcome.error_msg, "3 retries out of 3 failed for boot-image-retry");
    EXPECT_GE(job.took, 8 * 7s);
    EXPECT_LT(job.took, 8 * 7s + 3s);
}

TEST_F(Boot, NeverRetriesACancelledJob) {
    job.definition = job_text(deploy_block() + boot_block("    failure_retry: 3\n"));
    job.board->boot = {kernel, silence()};
    job.cancel_when = [this] { return job.took == 0s && Clock::now().time_since_epoch() > 5s; };
    EXPECT_EQ(job.run().error, ErrorType::canceled);
    EXPECT_EQ(job.board->boots, 1);
    EXPECT_THAT(job.sink.texts("error"), ElementsAre("JobCanceled: The job was canceled"));
    EXPECT_EQ(job.sink.failure_of("login-action"), "The job was canceled");
}

const char* const login =
    "    auto_login: {login_prompt: 'login:', username: root, password_prompt: 'Password:', password: toor}\n";

TEST_F(Boot, IsRefusedByALogin) {
    job.definition = job_text(deploy_block() + boot_block(login));
    job.board->boot = {kernel,
                       say("login: "),
                       expect_line("root"),
                       say("Password: "),
                       expect_line("toor"),
                       say("Login incorrect\r\n"),
                       silence()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg, "Login incorrect");
    const auto result = job.sink.result_of("lava", "login-action");
    EXPECT_NE(result.find("extra")->find("success"), nullptr);
    EXPECT_EQ(job.sink.failure_of("login-action"), "Login incorrect");
}

TEST_F(Boot, NoticesAPasswordPromptThatIsAnother) {
    job.definition = job_text(deploy_block() + boot_block(login));
    job.board->boot = {kernel,
                       say("login: "),
                       expect_line("root"),
                       say("Kennwort: "),
                       pause(60s),
                       say("\r\nLogin timed out after 60 seconds.\r\n"),
                       silence()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, StartsWith("Password prompt not matched"));
}

TEST_F(Boot, OfAQuietKernelNeedsNoStartMessage) {
    job.definition = job_text(deploy_block() + boot_block("    parameters: {kernel-start-message: ''}\n"));
    job.board->boot = {pause(2s), say_prompt()};
    EXPECT_TRUE(job.run().passed());
}

TEST_F(Boot, StopsAtTheFailureMessageOfTheJob) {
    job.definition = job_text(deploy_block() + boot_block("    failure_message: 'emergency mode'\n"));
    job.board->boot = {kernel, say("You are in emergency mode.\r\n"), silence()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg, "Matched job-specific failure message: 'emergency mode'");
}

TEST_F(Boot, KeepsEveryLineOfAFlood) {
    std::string flood;
    for (int i = 0; i < 20000; ++i) flood += "[    1.0] usb 1-1: reset " + std::to_string(i) + "\r\n";
    job.board->boot = {kernel, say(flood), say_prompt()};
    job.board->chunk = 4096;
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.sink.texts("target").size(), 20001u);
    EXPECT_EQ(job.sink.texts("feedback").size(), 1u);  // the prompt, which has no line end
}

TEST_F(Boot, OfAMachineThatCannotBeSwitchedOffIsTheLabsProblem) {
    job.board->boot = {kernel, say_prompt()};
    job.board->off_fails = "relay: no answer";
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("relay: no answer"));
    EXPECT_EQ(job.sink.failure_of("power-off"), "relay: no answer");
}

TEST_F(Boot, OfAMachineWhoseSwitchHangsStillEnds) {
    job.board->boot = {kernel, say_prompt()};
    job.board->off_never_ends = true;
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(job.sink.failure_of("power-off"), StartsWith("power-off timed out after "));
    EXPECT_LT(job.took, 10min);
}

}  // namespace
}  // namespace patchbay::testing
