// SPDX-License-Identifier: Apache-2.0
// Methods in which the lab's own commands do the work: flasher, recovery; and GRUB behind a fastboot.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/actions/tools/host_programs.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

std::string flasher(const std::string& images) {
    return "- deploy:\n    to: flasher\n    timeout: {seconds: 20}\n    images:\n" + images;
}

TEST(Flasher, RunsTheCommandsOfTheLabWithWhatTheJobNames) {
    Bench bench{
        "commands: {hard_reset: [a, b], power_off: 'true'}\n"
        "actions: {deploy: {methods: {flasher: {commands: ['flash \"{KERNEL}\" {ROOTFS}', 'tell {HARD_RESET_COMMAND} "
        "{DEVICE_INFO}']}}}, boot: {methods: {}}}\n"};
    bench.file("Image", "kernel");
    bench.program("flash", "pwd; cat $1; echo");
    bench.program("tell");
    bench.job.definition = job_text(flasher(
        "      kernel: {url: 'file://@FOLDER@/Image'}\n      rootfs: {url: 'http://x/a b', download: false}\n"));
    EXPECT_TRUE(bench.job.run().passed());
    EXPECT_EQ(bench.calls()[0], "flash kernel/Image http://x/a b");
    EXPECT_EQ(bench.calls()[1], "tell ['a', 'b'] []");
    EXPECT_TRUE(bench.job.sink.has("debug", ", 'kernel/Image', 'http://x/a b']"));  // one argument
    EXPECT_TRUE(bench.job.sink.has("debug", ">> " + (bench.job.directory() / "deploy-flasher-1").string()));
    EXPECT_TRUE(bench.job.sink.has("debug", ">> kernel"));
}

TEST(Flasher, ThatFailsIsTheLabsProblemAndIsTriedAgain) {
    Bench bench{"actions: {deploy: {methods: {flasher: {commands: ['flash']}}}, boot: {methods: {}}}\n"};
    bench.file("Image", "kernel");
    bench.program("flash", "exit 3");
    bench.job.definition =
        job_text(flasher("      kernel: {url: 'file://@FOLDER@/Image'}\n    failure_retry: 2\n"
                         "    failure_retry_interval: 1\n"));
    const auto outcome = bench.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, "Unable to flash the device");
    EXPECT_THAT(bench.calls(), ElementsAre("flash", "flash"));
}

TEST(Flasher, OfAnImageThatIsCalledAsAValueOfTheDevicesIsRefused) {
    Bench bench{
        "commands: {power_on: 'relay on'}\n"
        "actions: {deploy: {methods: {flasher: {commands: ['{POWER_ON_COMMAND}']}}}, boot: {methods: {}}}\n"};
    bench.job.definition =
        job_text(flasher("      power_on_command: {url: 'reboot', download: false}\n"
                         "      Device_Info: {url: 'x', download: false}\n"));
    const auto outcome = bench.job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("cannot be called 'power_on_command'"));
    EXPECT_THAT(outcome.error_msg, HasSubstr("cannot be called 'Device_Info'"));
}

TEST(Flasher, AnImageOfAnEarlierDeployTakesNoValueOfTheDevicesAway) {
    Bench bench{
        "commands: {power_on: 'relay on'}\n"
        "actions: {deploy: {methods: {flasher: {commands: ['tell {POWER_ON_COMMAND}']}}}, boot: {methods: {}}}\n"};
    bench.file("Image", "kernel");
    bench.program("tell");
    bench.job.prepare = [](JobContext& job) {
        job.state("common").images.push_back({"power_on_command", "", "/tmp/evil"});
    };
    bench.job.definition = job_text(flasher("      kernel: {url: 'file://@FOLDER@/Image'}\n"));
    EXPECT_TRUE(bench.job.run().passed());
    EXPECT_THAT(bench.calls(), ElementsAre("tell relay on"));
}

TEST(Flasher, WithoutCommandsIsRefused) {
    Bench bench{"actions: {deploy: {methods: {flasher: null}}, boot: {methods: {}}}\n"};
    bench.job.definition = job_text(flasher("      kernel: {url: 'file://@FOLDER@/kernel'}\n"));
    EXPECT_THAT(bench.job.run().error_msg, HasSubstr("actions.deploy.methods.flasher has no 'commands'"));
}

TEST(Recovery, SwitchesOffThenTheModeThenOn) {
    Bench bench{
        "commands: {power_off: 'relay off', power_on: 'relay on', pre_power_command: 'hub sync'}\n"
        "actions: {deploy: {methods: {recovery: {commands: {recovery_mode: ['jumper on', 'jumper check'], "
        "recovery_exit: 'jumper off'}}}}, boot: {methods: {}}}\n"};
    bench.job.board->has_supply = false;
    for (const auto* name : {"relay", "jumper", "hub"}) bench.program(name);
    bench.file("MLO", "first stage");
    bench.job.definition = job_text(
        "- deploy: {to: recovery, timeout: {seconds: 20}, images: {mlo: {url: 'file://@FOLDER@/MLO'}}}\n"
        "- boot: {method: recovery, commands: recovery, timeout: {seconds: 20}}\n"
        "- boot: {method: recovery, commands: exit, timeout: {seconds: 20}}\n");
    EXPECT_TRUE(bench.job.run().passed());
    EXPECT_THAT(bench.calls(), ElementsAre("relay off", "jumper on", "jumper check", "hub sync", "relay on",
                                           "relay off", "jumper off", "hub sync", "relay on", "relay off"));
    EXPECT_THAT(bench.job.sink.cases(),
                IsSupersetOf({"lava/power-off pass", "lava/switch-recovery pass", "lava/power-on pass"}));
}

TEST(Recovery, NeedsAModeThatTheLabHas) {
    Bench bench{"actions: {deploy: {methods: {recovery: {commands: {recovery_mode: 'true'}}}}, boot: {methods: {}}}\n"};
    for (const auto& [mode, problem] : {std::pair{"upside-down", "'commands' must be 'recovery' or 'exit'"},
                                        std::pair{"exit", "recovery.commands has no 'recovery_exit'"}}) {
        bench.job.definition = job_text("- boot: {method: recovery, commands: " + std::string{mode} + "}\n");
        EXPECT_THAT(bench.job.run().error_msg, HasSubstr(problem));
    }
    EXPECT_THAT(bench.calls(), IsEmpty());
}

TEST(GrubSequence, AnswersTheFastbootOfTheBoardAndLogsIn) {
    Bench bench{
        "actions: {deploy: {methods: {fastboot: {interrupt_prompt: 'Android Fastboot mode', interrupt_string: ' '}}}, "
        "boot: {methods: {grub: {sequence: [wait-fastboot-interrupt]}, minimal: null}}}\n"};
    const auto restarted = (bench.job.folder / "restarted").string();
    bench.job.description.commands["hard_reset"].run = {"touch " + restarted};
    bench.job.board->boot = {await_file(restarted), say("Android Fastboot mode - press a key\r\n"), expect_line(" "),
                             say("Linux version 6.1\r\n"), say_prompt()};
    bench.job.definition = job_text(
        "- boot: {method: minimal, timeout: {seconds: 20}}\n"
        "- boot: {method: grub, commands: installed, prompts: ['root@pb-guest:'], timeout: {seconds: 20}}\n");
    EXPECT_TRUE(bench.job.run().passed());
    EXPECT_THAT(bench.job.sink.texts("input"), ElementsAre(" \n"));
}

const std::string usbg = "- deploy: {to: usbg-ms, timeout: {seconds: 20}, image: {url: 'file://@FOLDER@/kernel'}}\n";

TEST(UsbgMs, ShowsTheImageToTheBoardUntilTheJobEnds) {
    Bench bench{
        "actions: {deploy: {methods: {usbg-ms: {enable: [gadget, add, '{IMAGE}'], disable: gadget remove}}}, boot: "
        "{methods: {minimal: null}}}\n"};
    bench.program("gadget", "[ $1 = add ] && cat $2; true");
    bench.job.definition = job_text(usbg);
    EXPECT_EQ(bench.job.run().error_msg, "");
    EXPECT_THAT(bench.calls(),
                ElementsAre("gadget remove", "gadget add FOLDER/jobs/42/usbg-ms-1/image/kernel", "gadget remove"));
    bench.program("gadget", "[ $1 = remove ] || { echo no UDC is free; exit 3; }");
    const auto outcome = bench.job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("it said: no UDC is free; does the lab's command"));
    EXPECT_EQ(bench.calls().back(), "gadget remove");
}

TEST(UsbgMs, NeedsBothCommandsOfTheLab) {
    Bench bench{"actions: {deploy: {methods: {usbg-ms: {enable: gadget}}}, boot: {methods: {minimal: null}}}\n"};
    bench.job.definition = job_text(usbg);
    EXPECT_THAT(bench.job.run().error_msg, HasSubstr("actions.deploy.methods.usbg-ms has no 'disable'"));
}

}  // namespace
}  // namespace patchbay::testing
