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

TEST_F(Boot, OfAMachineThatFloodsTheLogEndsAtTheLimitOfTheLab) {
    job.settings.log_limit = 100'000;
    for (int i = 0; i < 1000; ++i) job.board->boot.push_back(say(std::string(1000, 'x') + "\r\n"));
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("'log_limit'"));
    EXPECT_LT(job.sink.texts("target").size(), 100u);
    EXPECT_THAT(job.sink.texts("error"), Contains(StartsWith("JobError: ")));
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

TEST_F(Boot, TakesThePromptOfAnotherSystemAfterAPanicForAFailure) {
    job.board->boot = {kernel, say("Kernel panic - not syncing: VFS\r\nRebooting\r\n"), say_prompt()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, StartsWith("Kernel panic - not syncing: VFS"));
}

TEST_F(Boot, AsksAgainForAPromptThatAKernelMessageHasCutInTwo) {
    job.board->boot = {kernel, say("root@pb-gu[    3.0] usb 1-1: new device\r\nest:/home# ")};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.sink.texts("warning"), Contains(HasSubstr("Sending # in case of corruption")));
}

TEST_F(Boot, EndsWithTheConsole) {
    job.board->boot = {kernel, pause(1s), hang_up()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, StartsWith("Connection closed: the console 'simulated machine' has ended"));
    EXPECT_THAT(job.sink.texts("error"), Contains(StartsWith("ConnectionClosedError: ")));
    EXPECT_LT(job.took, 5s);
}

TEST_F(Boot, IsTriedAgainFromPowerOn) {
    job.definition = job_text(deploy_block() + boot_block("    failure_retry: 2\n"));
    job.board->boots_in_turn = {{kernel, hang_up()}};
    job.board->boot = {kernel, say_prompt()};
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->boots, 2);
    EXPECT_THAT(job.sink.texts("error"),
                ElementsAre(StartsWith("auto-login-action failed: 1 of 2 attempts. 'Connection closed: "),
                            StartsWith("auto-login-action failed: 2 of 2 attempts. 'Connection closed: "),
                            StartsWith("boot-image-retry failed: 1 of 2 attempts. 'Connection closed: ")));
    EXPECT_THAT(job.sink.texts("warning"), ElementsAre(HasSubstr("Retrying: 2.2 auto-login-action (timeout 00:00:5"),
                                                       HasSubstr("Retrying: 2 boot-image-retry (timeout 00:01:5")));
}

TEST_F(Boot, ThatIsTriedAgainLosesNoUnfinishedLine) {
    job.definition = job_text(deploy_block() + boot_block("    failure_retry: 2\n    timeout: {minutes: 5}\n"
                                                          "    timeouts: {auto-login-action: {seconds: 20}}\n"));
    job.board->boots_in_turn = {{kernel, say("Password: "), silence()}};
    job.board->boot = {kernel, say_prompt()};
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->boots, 2);
    EXPECT_THAT(job.sink.texts("target"), Contains("Password: "));
}

TEST_F(Boot, TakesItsNumberOfTriesAlsoAsText) {
    job.description.constants = {};
    auto text = job_text(deploy_block() + boot_block());
    const std::string arch = "arch: x86_64";
    text.insert(text.find(arch) + arch.size(), ", failure_retry: '2'");
    job.definition = text;
    job.board->boot_fails = "no such disk";
    job.run();
    EXPECT_TRUE(job.sink.has("error", "boot-image-retry failed: 2 of 2 attempts. 'no such disk'"));
}

const std::string nfs_root_block =
    "- deploy:\n    to: tmpfs\n    os: oe\n    images:\n"
    "      kernel: {image_arg: '-kernel {kernel} -append \"nfsroot={NFS_SERVER_IP}:/srv\"',\n"
    "               url: 'file://@FOLDER@/kernel'}\n";

TEST_F(Boot, TellsAnImageWhereTheServerIs) {
    job.settings.dispatcher_ip = "10.0.0.7";
    job.board->boot = {kernel, say_prompt()};
    job.definition = job_text(nfs_root_block + boot_block());
    EXPECT_TRUE(job.run().passed());
    const auto& command = job.board->commands.at(0);
    EXPECT_THAT(command, Contains(HasSubstr("nfsroot=10.0.0.7:/srv")));
}

TEST_F(Boot, OfAnImageThatAsksForAServerNobodyNamedSaysWhichSettingIsMissing) {
    job.settings.dispatcher_ip.clear();
    job.definition = job_text(nfs_root_block + boot_block());
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::configuration);
    EXPECT_THAT(outcome.error_msg,
                HasSubstr("'dispatcher_ip' in lab.yaml is missing, so boards do not know where their NFS root is"));
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(Boot, ThatWasTriedInVainEndsWithTheReasonOfTheLastTry) {
    job.definition = job_text(deploy_block() + boot_block("    failure_retry: 3\n    failure_retry_interval: 7\n"));
    job.board->boot_fails = "no such disk";
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(job.board->boots, 9);  // boot-qemu-image and boot-image-retry each try three times
    EXPECT_EQ(outcome.error_msg, "no such disk");
    EXPECT_TRUE(job.sink.has("error", "boot-image-retry failed: 3 of 3 attempts. 'no such disk'"));
    EXPECT_GE(job.took, 8 * 7s);
    EXPECT_LT(job.took, 8 * 7s + 3s);
}

TEST_F(Boot, SaysWhenNoTimeIsLeftForAnotherTry) {
    job.definition = job_text(deploy_block() + boot_block("    failure_retry: 3\n    failure_retry_interval: 25\n"
                                                          "    timeout: {seconds: 20}\n"));
    job.board->boot = {kernel, silence()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg, "1 retries out of 3 failed for boot-image-retry");
    EXPECT_THAT(job.sink.texts("info"), Contains("No time left for remaining 2 retries."));
    EXPECT_LT(job.took, 22s);
}

TEST_F(Boot, StopsAtAnErrorOfTheFirmware) {
    const config::List errors{config::Value{"No bootable device"}, config::Value{"Failed to load .* image"}};
    job.description.constants.set("qemu", config::Map{{"error-messages", errors}});
    job.board->boot = {say("SeaBIOS\r\nFailed to load kernel image\r\n"), silence()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(
        outcome.error_msg,
        "matched a bootloader error message: 'Failed to load .* image' (2); qemu said: Failed to load kernel image");
    EXPECT_LT(job.took, 2s);
}

TEST_F(Boot, WaitsForTheStartMessageThatTheDeviceNames) {
    auto* method = job.description.boot_methods.find("qemu");
    ASSERT_NE(method, nullptr);
    method->as_map()->set("parameters", config::Map{{"boot_message", "Zephyr"}});
    job.board->boot = {say("*** Booting Zephyr OS ***\r\n"), say_prompt()};
    EXPECT_TRUE(job.run().passed());
    EXPECT_TRUE(job.sink.has("warning", "boot_message in the device's parameters is deprecated"));
}

TEST_F(Boot, DoubtsAPromptThatKernelsPrintToo) {
    job.definition = job_text(deploy_block() +
                              "- boot:\n    method: qemu\n    media: tmpfs\n    prompts: ['home# ', 'root@pb-guest:']\n"
                              "    timeout: {minutes: 2}\n");
    job.board->boot = {kernel, say_prompt()};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.sink.texts("warning"),
                ElementsAre(StartsWith("The string 'home# ' does not look like a typical prompt")));
}

TEST_F(Boot, TakesAListOrOneTextForPrompts) {
    job.definition = job_text(
        deploy_block() + "- boot: {method: qemu, media: tmpfs, prompts: 'root@pb-guest:', timeout: {minutes: 2}}\n");
    job.board->boot = {kernel, say("rrooot\r\n"), pause(3s), say_prompt()};
    EXPECT_TRUE(job.run().passed());
    EXPECT_GE(job.took, 3s);
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

TEST_F(Boot, OfAnImageThatWantsALoginSaysSo) {
    job.board->boot = {kernel, say("login: "), pause(60s), say("\r\nLogin timed out after 60 seconds.\r\n"), silence()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg, "auto_login not enabled but image requested login details.");
    EXPECT_THAT(job.sink.cases(), Contains("lava/kernel-messages pass"));
    EXPECT_LT(job.took, 70s);
}

TEST_F(Boot, SendsTheUserNameThoughAShellCameFirst) {
    job.definition =
        job_text(deploy_block() + boot_block("    auto_login: {login_prompt: 'login:', username: root}\n"));
    job.board->boot = {kernel, say_prompt()};
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->typed, "root\n");
    EXPECT_THAT(job.sink.texts("warning"), Contains(HasSubstr("a shell prompt came before the login prompt")));
}

TEST_F(Boot, GivesEachLoginCommandTheConnectionsTime) {
    job.definition = job_text(deploy_block() + boot_block("    connection_timeout: {seconds: 10}\n"
                                                          "    auto_login: {login_prompt: 'login:', username: root,\n"
                                                          "                 login_commands: [quick, slow]}\n"));
    job.board->boot = {kernel, say("login: "), expect_line("root"), say_prompt()};
    job.board->answers = {{"quick", "", 9s}, {"slow", "", 11s}};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg, "wait for prompt timed out");
    EXPECT_EQ(job.board->typed, "root\nquick\nslow\n");
    EXPECT_GE(job.took, 19s);
    EXPECT_LT(job.took, 21s);
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

TEST_F(Boot, LogsNoKernelMessagesWhenTheJobSaysSo) {
    job.definition = job_text(deploy_block() + boot_block("    ignore_kernel_messages: true\n"));
    job.board->boot = {kernel, say("BUG: something\r\n"), say_prompt()};
    EXPECT_TRUE(job.run().passed());
    EXPECT_TRUE(job.sink.result_of("lava", "kernel-messages").is_null());
}

TEST_F(Boot, OfASecondNamespaceTakesTheMachineFromTheFirst) {
    auto deploy = deploy_block();
    deploy.insert(deploy.find("    to: tmpfs"), "    namespace: one\n");
    job.definition = job_text(
        deploy + boot_block("    namespace: one\n") + boot_block("    namespace: two\n") +
        "- test: {namespace: one, timeout: {minutes: 1}, monitors: [{name: m, start: a, end: b, pattern: c}]}\n");
    job.board->boot = {kernel, say_prompt()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, StartsWith("No connection to the DUT"));
    EXPECT_THAT(job.sink.texts("warning"), Contains(StartsWith("the machine of namespace 'one' is switched off")));
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
