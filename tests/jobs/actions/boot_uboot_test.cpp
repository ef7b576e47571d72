// SPDX-License-Identifier: Apache-2.0
// boot: {method: u-boot}: from power-on to a shell, on a board that answers like U-Boot.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/actions/loader_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string constants =
    "  u-boot:\n"
    "    interrupt-prompt: Hit any key to stop autoboot\n    interrupt-character: ' '\n    interrupt_ctrl_list: []\n"
    "    interrupt-newline: true\n    final-message: Starting kernel\n"
    "    error-messages: [Resetting CPU, Must RESET board to recover, TIMEOUT, Retry count exceeded, "
    "Bad Linux ARM64 Image magic!]\n";

const std::string methods =
    "      u-boot:\n"
    "        parameters: {bootloader_prompt: '=>', interrupt_prompt: Hit any key to stop autoboot, interrupt_char: "
    "''}\n"
    "        ramdisk:\n          commands:\n"
    "          - setenv autoload no\n          - setenv initrd_high 0xffffffff\n          - setenv fdt_high "
    "0xffffffff\n"
    "          - dhcp\n          - setenv serverip {SERVER_IP}\n          - tftp {KERNEL_ADDR} {KERNEL}\n"
    "          - tftp {RAMDISK_ADDR} {RAMDISK}\n          - tftp {TEE_ADDR} {TEE}\n"
    "          - setenv initrd_size ${filesize}\n          - tftp {DTB_ADDR} {DTB}\n"
    "          - setenv bootargs 'console=ttyS0,115200n8 root=/dev/ram0  ip=dhcp'\n          - '{BOOTX}'\n";

std::string uboot_block(const std::string& extra = "") {
    const bool timed = extra.find("    timeout:") != std::string::npos;
    return "- boot:\n    method: u-boot\n    commands: ramdisk\n    prompts: ['root@board01:']\n" +
           std::string{timed ? "" : "    timeout: {minutes: 3}\n"} + extra;
}

const SimStep banner = say("\r\nU-Boot 2023.01\r\n\r\nDRAM:  2 GiB\r\nHit any key to stop autoboot:  2 ");

struct BootUboot : ::testing::Test {
    SimJob job;
    BootUboot() {
        play_loader(*job.board, "=> ", "booti");
        job.board->boot = {banner, expect_line(""), say_prompt()};
        job.description = loader_device(methods, constants);
        job.settings.tftp_ip = "10.0.0.1";
        job.definition = job_text(uboot_block());
        job.prepare = [](JobContext& context) {
            put_boot_file(context, "kernel", "Image");
            put_boot_file(context, "ramdisk", "ramdisk.cpio.gz");
            put_boot_file(context, "dtb", "b.dtb");
            context.state("common").boot.boot_command = "booti";
        };
    }
};

TEST_F(BootUboot, TypesWhatTheDeviceAndTheJobSay) {
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->typed,
              "\n"
              "setenv autoload no\n"
              "setenv initrd_high 0xffffffff\n"
              "setenv fdt_high 0xffffffff\n"
              "dhcp\n"
              "setenv serverip 10.0.0.1\n"
              "tftp 0x40080000 42/tftp-deploy-x/kernel/Image\n"
              "tftp 0x4FF00000 42/tftp-deploy-x/ramdisk/ramdisk.cpio.gz\n"
              "setenv initrd_size ${filesize}\n"
              "tftp 0x4FA00000 42/tftp-deploy-x/dtb/b.dtb\n"
              "setenv bootargs 'console=ttyS0,115200n8 root=/dev/ram0  ip=dhcp'\n"
              "booti 0x40080000 0x4FF00000:${initrd_size} 0x4FA00000\n");
    EXPECT_THAT(job.sink.cases(),
                ElementsAre("lava/validate pass", "lava/bootloader-overlay pass", "lava/pdu-reboot pass",
                            "lava/kernel-messages pass", "lava/login-action pass", "lava/job pass"));
    const auto overlay = job.sink.result_of("lava", "bootloader-overlay");
    EXPECT_EQ(config::python_str(*overlay.find("extra")->find("kernel_addr")), "0x40080000");
    EXPECT_EQ(config::python_str(*overlay.find("extra")->find("tee_addr")), "0x83000000");
    EXPECT_TRUE(job.sink.has("info", "- tftp 0x40080000 42/tftp-deploy-x/kernel/Image"));
    EXPECT_TRUE(
        job.sink.has("debug", "bootloader-interrupt: Wait for prompt ['Hit any key to stop autoboot'] (timeout"));
    EXPECT_TRUE(job.sink.has("debug", "Sending line: 'dhcp'"));
    EXPECT_FALSE(job.board->powered);
}

TEST_F(BootUboot, WithoutARamdiskItsCommandGoesAndABareDashStands) {
    job.prepare = [](JobContext& context) {
        put_boot_file(context, "kernel", "Image");
        put_boot_file(context, "dtb", "b.dtb");
        context.state("common").boot.boot_command = "booti";
    };
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, HasSubstr("booti 0x40080000 - 0x4FA00000\n"));
    EXPECT_EQ(job.board->typed.find("tftp 0x4FF00000"), std::string::npos);
    EXPECT_EQ(job.board->typed.find("tftp - "), std::string::npos);
}

TEST_F(BootUboot, CommandsMayStandInTheJob) {
    job.definition = job_text(
        "- boot:\n    method: u-boot\n    commands: ['echo {LAVA_JOB_ID} {X}', '{BOOTX}']\n"
        "    prompts: ['root@board01:']\n    timeout: {minutes: 3}\n");
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, HasSubstr("\necho 42 {X}\nbooti 0x40080000"));
    EXPECT_TRUE(job.sink.has("warning", "the boot commands are those of the job"));
}

TEST_F(BootUboot, AnUnknownSetOfCommandsIsSaidBeforeTheBoardIsTouched) {
    job.definition = job_text("- boot: {method: u-boot, commands: nvme, timeout: {minutes: 3}}\n");
    EXPECT_THAT(job.run().error_msg, HasSubstr("Command 'nvme' not found in supported methods"));
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(BootUboot, AKernelOfUnknownTypeIsTheJobsProblem) {
    job.prepare = [](JobContext& context) { put_boot_file(context, "kernel", "Image"); };
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("the kernel's type is not known"));
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(BootUboot, CharactersAreDelayedWhereTheDeviceWantsIt) {
    job.description.character_delays.boot = 100ms;
    EXPECT_TRUE(job.run().passed());
    EXPECT_GE(job.took, 40s);  // about 440 characters
    EXPECT_TRUE(job.sink.has("debug", "Sending with 100 millisecond of delay"));
}

TEST_F(BootUboot, TheOtherBankIsStartedByItsCommand) {
    job.description = loader_device(
        "      u-boot:\n        parameters: {bootloader_prompt: '=>', interrupt_char: '', uboot_altbank: true}\n"
        "        ramdisk: {commands: [dhcp, '{BOOTX}']}\n",
        constants);
    job.board->answers = {{"reset", "resetting ...\r\nU-Boot\r\nHit any key to stop autoboot:  2 ", 0s, false}};
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, HasSubstr("\nreset\n\ndhcp\nbooti"));
}

TEST_F(BootUboot, FromPowerOnToTheResultsOfATest) {
    job.definition = job_text(deploy_block() + uboot_block() + test_block("smoke"));
    job.board->answers = {
        {"lava-test-runner", test_run("0_smoke", "42_1.1.2.1", {"a pass", "b fail"}) + std::string{test_exit}}};
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    const auto cases = job.sink.cases();
    EXPECT_EQ(std::vector<std::string>(cases.end() - 4, cases.end()),
              (std::vector<std::string>{"0_smoke/a pass", "0_smoke/b fail", "lava/0_smoke pass", "lava/job pass"}));
    EXPECT_FALSE(job.board->powered);
}

// --- again, and once more --------------------------------------------------------------------------------------------

TEST_F(BootUboot, IsTriedAgainFromItsOverlayOn) {
    job.board->answers = {{"tftp 0x40080000", "Loading: *\bT T T T T T \r\nRetry count exceeded; starting again\r\n"}};
    job.definition = job_text(uboot_block("    failure_retry: 2\n"));
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, StartsWith("matched a bootloader error message: 'Retry count exceeded' (4); "));
    EXPECT_THAT(job.sink.cases(),
                ElementsAre("lava/validate pass", "lava/bootloader-overlay pass", "lava/pdu-reboot pass",
                            "lava/bootloader-commands fail", "lava/uboot-commands fail", "lava/bootloader-overlay pass",
                            "lava/pdu-reboot pass", "lava/bootloader-commands fail", "lava/uboot-commands fail",
                            "lava/uboot-action fail", "lava/job fail"));
    EXPECT_EQ(job.board->boots, 2);
    EXPECT_FALSE(job.board->powered);
}

TEST_F(BootUboot, WhatTheBoardSaidBeforeItsResetIsNoQuestion) {
    job.board->boots_in_turn = {{banner, expect_line(""), say("=> "), expect_line("setenv"),
                                 say("TIMEOUT\r\nHit any key to stop autoboot: 2")}};
    job.definition = job_text(uboot_block("    failure_retry: 2\n"));
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->boots, 2);
}

TEST_F(BootUboot, TheLastMessageMayBeTheJobsOwn) {
    job.definition = job_text(uboot_block("    parameters: {bootloader-final-message: 'Jumping to it'}\n"));
    job.board->answers = {{"booti", "Jumping to it\r\n[    0.0] Linux version 6.6\r\nroot@board01:~# ", 0s, false}};
    EXPECT_TRUE(job.run().passed());
}

}  // namespace
}  // namespace patchbay::testing
