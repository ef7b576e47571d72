// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/actions/sim_loaders.hpp"

#include <stdexcept>

namespace patchbay::testing {

const std::string loader_constants = R"(
  u-boot:
    interrupt-prompt: Hit any key to stop autoboot
    interrupt-character: ' '
    interrupt_ctrl_list: []
    interrupt-newline: true
    final-message: Starting kernel
    error-messages:
    - Resetting CPU
    - Must RESET board to recover
    - TIMEOUT
    - Retry count exceeded
    - Retry time exceeded; starting again
    - The remote end did not respond in time.
    - File not found
    - Bad Linux ARM64 Image magic!
    - Wrong Ramdisk Image Format
    - Ramdisk image is corrupt or invalid
    - 'ERROR: Failed to allocate'
    - 'TFTP error: trying to overwrite reserved memory'
    - Bad Linux RISCV Image magic!
    - Wrong Image Format for boot
    - 'ERROR: Did not find a cmdline Flattened Device Tree'
    - 'ERROR: RD image overlaps OS image'
  barebox:
    interrupt-prompt: stop autoboot
    interrupt-character: ' '
    final-message: Starting kernel
    error-messages: ['### ERROR ### Please RESET the board ###', 'ERROR: .*', '.*: Out of memory']
  grub:
    interrupt-prompt: for a command-line
    interrupt-character: c
    interrupt-newline: false
    error-messages:
    - 'error: missing (.*) symbol.'
    - "error: couldn't send network packet"
    - "error: couldn't autoconfigure"
    - 'error: timeout reading'
    - 'error: you need to load the kernel first.'
    - "error: file '(.*)' not found"
    - 'error: no such device'
  grub-efi:
    interrupt-prompt: for a command-line
    interrupt-character: c
    error-messages:
    - Undefined OpCode Exception PC at
    - Synchronous Exception at
    - "error: couldn't autoconfigure"
    - 'error: timeout reading'
    - 'error: you need to load the kernel first.'
  ipxe:
    interrupt-prompt: Press Ctrl-B for the iPXE command line
    interrupt_ctrl_list: [b]
    error-messages: [No configuration methods succeeded, Connection timed out]
  depthcharge:
    final-message: Starting kernel
    error-messages:
    - Tftp failed.
    - Dhcp release failed.
    - No space left for ramdisk
    - No network device.
    - 'Error code \d+( \([\w\s]+\))?\r\n'
  uefi:
    error-messages: [Synchronous Exception at, is not recognized as an internal or external command]
  uefi-menu:
    error-messages: [Synchronous Exception at, 'PXE-E18: Server response timeout']
)";

namespace {

const std::string markup = "item_markup: ['[', ']'], item_class: '0-9', separator: ' ', label_class: 'a-zA-Z0-9\\s\\:'";
const SimStep firmware_asks = say("The default boot selection will start in 5 seconds\r\n");

SimLoader uboot() {
    return {"u-boot",
            "=> ",
            "=>",
            "        parameters: {bootloader_prompt: '=>', interrupt_char: ''}\n",
            {"dhcp", "tftp {KERNEL_ADDR} {KERNEL}", "tftp {RAMDISK_ADDR} {RAMDISK}", "{BOOTX}"},
            "booti",
            {say("\r\nU-Boot 2023.01\r\n\r\nDRAM:  2 GiB\r\nHit any key to stop autoboot:  2 "), expect_line("")}};
}

SimLoader barebox() {
    return {"barebox",
            "barebox@Board:/ ",
            "barebox@",
            "        parameters: {bootloader_prompt: 'barebox@'}\n",
            {"dhcp", "bootm -v -r /mnt/tftp/{RAMDISK} /mnt/tftp/{KERNEL}"},
            "bootm",
            {say("barebox 2023.01\r\nHit any key to stop autoboot:    3"), expect_line(" ")}};
}

const std::vector<std::string> grub_commands{"net_bootp", "linux (tftp,{SERVER_IP})/{KERNEL} console=ttyS0",
                                             "initrd (tftp,{SERVER_IP})/{RAMDISK}", "boot"};

SimLoader grub() {
    return {"grub",
            "grub> ",
            "grub>",
            "        parameters: {bootloader_prompt: 'grub>'}\n",
            grub_commands,
            "boot",
            {say("GNU GRUB  version 2.06\r\n`c' for a command-line.\r\n"), pause(100ms)}};
}

/// The firmware's menu starts it.
SimLoader grub_efi() {
    return {"grub-efi",
            "grub> ",
            "grub>",
            "        menu_options: grub\n        parameters: {bootloader_prompt: 'grub>'}\n",
            grub_commands,
            "boot",
            {firmware_asks, pause(1s), say("[1] Shell\r\n[2] GRUB\r\nStart:"), expect_line("2"),
             say("GNU GRUB  version 2.06\r\n`c' for a command-line.\r\n"), expect_line("c")}};
}

SimLoader ipxe() {
    return {"ipxe",
            "iPXE> ",
            "iPXE>",
            "        parameters: {bootloader_prompt: 'iPXE>'}\n",
            {"dhcp net0", "kernel tftp://{SERVER_IP}/{KERNEL} console=ttyS0", "initrd tftp://{SERVER_IP}/{RAMDISK}",
             "boot"},
            "boot",
            {say("iPXE initialising devices...ok\r\nPress Ctrl-B for the iPXE command line..."), pause(50ms)}};
}

SimLoader depthcharge() {
    return {"depthcharge",
            "dpch: ",
            "dpch:",
            "        parameters: {bootloader_prompt: 'dpch:', start_message: Starting netboot}\n",
            {"tftpboot {SERVER_IP} {DEPTHCHARGE_KERNEL} {CMDLINE} {DEPTHCHARGE_RAMDISK}"},
            "tftpboot",
            {say("Starting netboot on kevin...\r\n")}};
}

SimLoader uefi() {
    return {"uefi",
            "Shell> ",
            "Shell>",
            "        parameters: {bootloader_prompt: 'Shell>', shell_interrupt_prompt: any other key to continue, "
            "shell_interrupt_string: ' ', shell_menu: shell, interrupt_prompt: The default boot selection, "
            "interrupt_string: ' ', menu_prompt: 'Start:', menu_boot_message: UEFI Interactive Shell, " +
                markup + "}\n        shell:\n        - select: {items: [Shell]}\n",
            {"ifconfig -s eth0 dhcp", "norkern console=ttyAMA0 initrd=ramdisk.img"},
            "norkern",
            {firmware_asks, pause(1s), say("[1] Boot Manager\r\n[2] Shell\r\nStart:"), expect_line("2"),
             say("UEFI Interactive Shell v2.2\r\nPress ESC in 5 seconds or any other key to continue."), pause(1s)}};
}

const std::string grub_menu =
    "      uefi-menu:\n        parameters: {interrupt_prompt: The default boot selection, interrupt_string: ' ', "
    "bootloader_prompt: 'Start:', " +
    markup + "}\n        grub:\n        - select: {items: [GRUB]}\n";

/// Single quotes: commands have colons and braces.
std::string yaml_list(const std::vector<std::string>& texts) {
    std::string list;
    for (const auto& text : texts) list += (list.empty() ? "'" : ", '") + text + "'";
    return "[" + list + "]";
}

}  // namespace

SimLoader sim_loader(const std::string& method) {
    for (auto* make : {uboot, barebox, grub, grub_efi, ipxe, depthcharge, uefi}) {
        if (auto loader = make(); loader.method == method) return loader;
    }
    throw std::invalid_argument{method};
}

void put_loader(SimJob& job, const SimLoader& loader, const std::string& extra) {
    const auto set = "        ramdisk: {cmdline: console=ttyS0, commands: " + yaml_list(loader.commands) + "}\n";
    const auto menu = loader.method == "grub-efi" ? grub_menu : std::string{};
    job.description = loader_device("      " + loader.method + ":\n" + loader.methods + set + menu, loader_constants);
    job.settings.tftp_ip = "10.0.0.1";
    job.prepare = [](JobContext& context) {
        put_boot_file(context, "kernel", "Image");
        put_boot_file(context, "ramdisk", "ramdisk.cpio.gz");
        std::filesystem::create_directories(context.state("common").boot.files["kernel"].parent_path());
        context.state("common").boot.boot_command = "booti";
    };
    play_loader(*job.board, loader.prompt, loader.last);
    if (loader.method.starts_with("grub")) job.board->answers = {{"net_bootp", ""}};
    job.board->boot = loader.start;
    job.board->boot.push_back(say_prompt());
    job.definition = job_text("- boot:\n    method: " + loader.method +
                              "\n    commands: ramdisk\n    prompts: ['root@board01:']\n"
                              "    timeout: {minutes: 5}\n" +
                              extra);
}

void answer(SimJob& job, const SimLoader& loader, SimAnswer answer) {
    auto& answers = job.board->answers;
    // "boot" is in "net_bootp", too.
    answers.insert(answer.contains == loader.last ? answers.end() : answers.begin(), std::move(answer));
}

std::vector<SimStep> until_last_command(const SimLoader& loader) {
    auto steps = loader.start;
    for (const auto& command : loader.commands) {
        steps.push_back(say_prompt());
        const bool last = &command == &loader.commands.back();
        steps.push_back(expect_line(last ? loader.last : command.substr(0, command.find(' '))));
    }
    return steps;
}

std::string first_failure(const SimJob& job) {
    for (const auto& text : job.sink.cases()) {
        if (text.ends_with(" fail")) return text.substr(0, text.size() - 5);
    }
    return "";
}

}  // namespace patchbay::testing
