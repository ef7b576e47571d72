// SPDX-License-Identifier: Apache-2.0
// The other boot loaders: GRUB, barebox, iPXE, depthcharge, the firmware's shell and menus; and systems that run
// already.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "tests/jobs/actions/loader_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string constants =
    "  grub: {interrupt-prompt: for a command-line, interrupt-character: c, interrupt-newline: false, error-messages: "
    "['error: no such device']}\n"
    "  grub-efi: {interrupt-prompt: for a command-line, interrupt-character: c, error-messages: ['Synchronous "
    "Exception at']}\n"
    "  barebox: {interrupt-prompt: stop autoboot, interrupt-character: ' ', final-message: Starting kernel}\n"
    "  ipxe: {interrupt-prompt: Press Ctrl-B for the iPXE command line, interrupt_ctrl_list: [b], error-messages: "
    "[Connection timed out]}\n"
    "  depthcharge: {final-message: Starting kernel, error-messages: [Tftp failed.]}\n";

std::string block(const std::string& method, const std::string& extra) {
    return "- boot:\n    method: " + method + "\n    prompts: ['root@board01:']\n    timeout: {minutes: 3}\n" + extra;
}

struct BootLoaders : ::testing::Test {
    SimJob job;
    BootLoaders() {
        job.settings.tftp_ip = "10.0.0.1";
        job.prepare = [](JobContext& context) {
            put_boot_file(context, "kernel", "Image");
            put_boot_file(context, "ramdisk", "ramdisk.cpio.gz");
            std::filesystem::create_directories(context.state("common").boot.files["kernel"].parent_path());
        };
    }

    void device(const std::string& methods) { job.description = loader_device(methods, constants); }

    std::string boot_file(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream{job.directory() / "tftp-deploy-x/kernel" / name}.rdbuf();
        return text.str();
    }
};

TEST_F(BootLoaders, AnInstallerIsWaitedForAndTheBoardGoesOff) {
    device("      grub:\n        parameters: {bootloader_prompt: 'grub>'}\n        di: {commands: [boot]}\n");
    play_loader(*job.board, "grub> ", "nothing");
    job.board->boot = {say("`c' for a command-line.\r\n"), pause(100ms), say_prompt()};
    job.board->answers = {{"boot", "Loading...\r\nRebooting\r\n", 5s, false}};
    job.definition =
        job_text("- boot: {method: grub, commands: di, boot_finished: [Rebooting, Halted], timeout: {minutes: 3}}\n");
    EXPECT_TRUE(job.run().passed());
    EXPECT_TRUE(job.sink.has("debug", "Not expecting a shell, so waiting for boot_finished: ['Rebooting', 'Halted']"));
    EXPECT_EQ(job.board->offs, 4);  // pdu-reboot, the boot's end, the job's end, its safe state
}

TEST_F(BootLoaders, IpxeMayFetchItsCommandsAsAScript) {
    device(
        "      ipxe:\n        parameters: {bootloader_prompt: 'iPXE>', use_bootscript: true, lava_mac: "
        "'00:90:05:af:00:7d'}\n"
        "        ramdisk: {commands: [dhcp net0, 'set console lava_mac={LAVA_MAC}', 'kernel "
        "tftp://{SERVER_IP}/{KERNEL}', boot]}\n");
    play_loader(*job.board, "iPXE> ", "chain");
    job.board->boot = {say("Press Ctrl-B for the iPXE command line..."), pause(50ms), say_prompt()};
    job.definition = job_text(block("ipxe", "    commands: ramdisk\n"));
    std::string script;
    job.cancel_when = [&] {
        if (script.empty()) script = boot_file("script.ipxe");
        return false;
    };
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->typed,
              "\x02"
              "dhcp net0\nchain tftp://10.0.0.1/42/tftp-deploy-x/kernel/script.ipxe\n");
    EXPECT_EQ(script,
              "#!ipxe\n\ndhcp net0\nset console lava_mac=00:90:05:af:00:7d\nkernel "
              "tftp://10.0.0.1/42/tftp-deploy-x/kernel/Image\nboot\n");
}

TEST_F(BootLoaders, WhatTheyFetchCanBeReadByEverybody) {
    device(
        "      ipxe:\n        parameters: {bootloader_prompt: 'iPXE>', use_bootscript: true}\n"
        "        ramdisk: {commands: [boot]}\n");
    job.settings.tftp_root = job.folder / "tftp";
    play_loader(*job.board, "iPXE> ", "chain");
    job.board->boot = {say("Press Ctrl-B for the iPXE command line..."), pause(50ms), say_prompt()};
    job.definition = job_text(block("ipxe", "    commands: ramdisk\n"));
    const auto script = job.folder / "tftp/42/tftp-deploy-x/kernel/script.ipxe";
    auto mode = std::filesystem::perms::none;
    job.cancel_when = [&] {
        if (std::filesystem::exists(script)) mode = std::filesystem::status(script).permissions();
        return false;
    };
    // As the unit of the runner has it.
    const auto before = ::umask(0027);
    EXPECT_TRUE(job.run().passed());
    ::umask(before);
    EXPECT_EQ(mode, std::filesystem::perms{0644});
}

TEST_F(BootLoaders, ABadMacAddressIsSaidBeforeTheBoardIsTouched) {
    device(
        "      ipxe:\n        parameters: {bootloader_prompt: 'iPXE>', lava_mac: nonsense}\n"
        "        ramdisk: {commands: [boot]}\n");
    job.definition = job_text(block("ipxe", "    commands: ramdisk\n"));
    EXPECT_THAT(job.run().error_msg, HasSubstr("lava_mac is not a valid mac address"));
}

TEST_F(BootLoaders, DepthchargeGetsTheCommandLineAsAFile) {
    device(
        "      depthcharge:\n        parameters: {bootloader_prompt: 'dpch:', start_message: Starting netboot}\n"
        "        ramdisk:\n          cmdline: console=ttyS0,115200n8 root=/dev/ram0 ip=dhcp\n"
        "          commands: ['tftpboot {SERVER_IP} {DEPTHCHARGE_KERNEL} {CMDLINE} {DEPTHCHARGE_RAMDISK}']\n");
    play_loader(*job.board, "dpch: ", "tftpboot");
    job.board->boot = {say("Starting netboot on kevin...\r\n"), say_prompt()};
    job.definition = job_text(block("depthcharge", "    commands: ramdisk\n    extra_kernel_args: quiet\n"));
    std::string cmdline;
    job.cancel_when = [&] {
        if (cmdline.empty()) cmdline = boot_file("cmdline");
        return false;
    };
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->typed,
              "tftpboot 10.0.0.1 42/tftp-deploy-x/kernel/Image 42/tftp-deploy-x/kernel/cmdline "
              "42/tftp-deploy-x/ramdisk/ramdisk.cpio.gz\n");
    EXPECT_EQ(cmdline, "console=ttyS0,115200n8 root=/dev/ram0 ip=dhcp quiet");
    EXPECT_THAT(job.sink.cases(), ElementsAre("lava/validate pass", "lava/pdu-reboot pass", "lava/kernel-messages pass",
                                              "lava/login-action pass", "lava/job pass"));
}

TEST_F(BootLoaders, ABootMayEndAtThePromptOfALoader) {
    device("      barebox:\n        parameters: {bootloader_prompt: 'barebox@'}\n");
    play_loader(*job.board, "barebox@Board:/ ", "nothing");
    job.board->boot = {say("Hit any key to stop autoboot:    3"), expect_line(" "), say_prompt()};
    job.definition = job_text(
        "- boot: {method: bootloader, bootloader: barebox, commands: [version, 'ls {KERNEL}'], "
        "prompts: [x], timeout: {minutes: 3}}\n");
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->typed, " \nversion\nls 42/tftp-deploy-x/kernel/Image\n");
    job.definition = job_text("- boot: {method: bootloader, bootloader: u-boot, timeout: {minutes: 3}}\n");
    EXPECT_THAT(job.run().error_msg, HasSubstr("boot method bootloader: 'u-boot' is not in the device's boot methods"));
}

const std::string menu_markup = "item_markup: ['[', ']'], item_class: '0-9', separator: ' '";

TEST_F(BootLoaders, TheMenusOfTheFirmwareAreWalkedThrough) {
    device(
        "      uefi-menu:\n        parameters: {interrupt_prompt: The default boot selection, interrupt_string: ' ', "
        "bootloader_prompt: 'Start:', " +
        menu_markup +
        "}\n        tftp:\n        - select: {items: [Boot Manager], wait: 'Choice:'}\n"
        "        - select: {enter: 'tftp {SERVER_IP}', wait: 'Start:'}\n"
        "        - select: {items: ['Linux {TEST_MENU_NAME}']}\n");
    job.board->takes_images = false;
    job.board->prompt = shell_prompt;
    job.board->boot = {say("The default boot selection will start in 5 s\r\n"),
                       pause(1s),
                       say("[1] Shell\r\n[2] Boot Manager\r\nStart:"),
                       expect_line("2"),
                       say("[1] Add\r\nChoice:"),
                       expect_line("tftp 10.0.0.1"),
                       say("[1] Shell\r\n[7] Linux LAVA tftp test image\r\nStart:"),
                       expect_line("7"),
                       say("[    0.0] Linux version 6.6\r\n"),
                       say_prompt()};
    job.definition = job_text(
        "- boot:\n    method: uefi-menu\n    commands: tftp\n    prompts: ['root@board01:']\n"
        "    timeout: {minutes: 3}\n");
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_THAT(job.board->typed, HasSubstr(" 2\r\ntftp 10.0.0.1\r7\r\n"));
}

TEST_F(BootLoaders, KexecStartsAKernelFromTheOneThatRuns) {
    device("      minimal:\n");
    job.board->takes_images = false;
    job.board->prompt = shell_prompt;
    job.board->boot = {say("[    0.0] Linux version 6.1\r\n"), say_prompt()};
    job.board->answers = {{"-e", "kexec_core: Starting new kernel\r\n[    0.0] Linux version 6.2\r\n"}};
    job.definition = job_text(block("minimal", "") +
                              block("kexec",
                                    "    boot_message: Starting new kernel\n    kernel: /boot/new\n    options: "
                                    "['--command-line=\"quiet\"']\n"));
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_EQ(job.board->typed, "/sbin/kexec --load /boot/new --command-line=\"quiet\"\n/sbin/kexec -e\n\n");
}

TEST_F(BootLoaders, AConnectionThatTheDeviceDoesNotHaveIsNamed) {
    device("      minimal:\n");
    job.definition = job_text(block("new_connection", "    connection: uart9\n"));
    EXPECT_THAT(job.run().error_msg, HasSubstr("has no connection 'uart9' beside its primary one"));
}

}  // namespace
}  // namespace patchbay::testing
