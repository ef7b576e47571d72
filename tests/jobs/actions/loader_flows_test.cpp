// SPDX-License-Identifier: Apache-2.0
// Boots by each loader from power-on to a shell, with what is typed on the way, and how each kind of root is named.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/actions/sim_loaders.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Flow {
    std::string loader;
    std::vector<std::string> typed;              ///< lines, from the first of the loader on
    std::vector<std::string> levels;             ///< of the boot: "level name"
    std::string waits = "bootloader-interrupt";  ///< the first step that hears the board
};

void PrintTo(const Flow& flow, std::ostream* out) { *out << flow.loader; }

const std::string kernel_name = "42/tftp-deploy-x/kernel/Image";
const std::string ramdisk_name = "42/tftp-deploy-x/ramdisk/ramdisk.cpio.gz";

const std::vector<std::string> typed_at_grub{"net_bootp", "linux (tftp,10.0.0.1)/" + kernel_name + " console=ttyS0",
                                             "initrd (tftp,10.0.0.1)/" + ramdisk_name, "boot"};

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& rest) {
    first.insert(first.end(), rest.begin(), rest.end());
    return first;
}

const std::vector<Flow> flows{
    {"u-boot",
     {"", "dhcp", "tftp 0x40080000 " + kernel_name, "tftp 0x4FF00000 " + ramdisk_name,
      "booti 0x40080000 0x4FF00000:${initrd_size} 0x4FA00000"},
     {"1 uboot-action", "1.1 uboot-from-media", "1.2 bootloader-overlay", "1.3 connect-device", "1.4 uboot-commands",
      "1.4.1 reset-device", "1.4.1.1 pdu-reboot", "1.4.2 bootloader-interrupt", "1.4.3 bootloader-commands",
      "1.4.4 auto-login-action", "1.4.4.1 login-action"}},
    {"barebox",
     {" ", "dhcp", "bootm -v -r /mnt/tftp/" + ramdisk_name + " /mnt/tftp/" + kernel_name},
     {"1 barebox-action", "1.1 bootloader-overlay", "1.2 connect-device", "1.3 barebox-retry", "1.3.1 reset-device",
      "1.3.1.1 pdu-reboot", "1.3.2 bootloader-interrupt", "1.3.3 bootloader-commands", "1.3.4 auto-login-action",
      "1.3.4.1 login-action"}},
    {"grub",
     joined({"cnet_bootp"}, {typed_at_grub.begin() + 1, typed_at_grub.end()}),
     {"1 grub-main-action", "1.1 bootloader-from-media", "1.2 bootloader-overlay", "1.3 connect-device",
      "1.4 reset-device", "1.4.1 pdu-reboot", "1.5 bootloader-interrupt", "1.6 bootloader-commands",
      "1.7 auto-login-action", "1.7.1 login-action"}},
    {"grub-efi",
     joined({" 2", "c"}, typed_at_grub),
     {"1 grub-main-action", "1.1 bootloader-from-media", "1.2 bootloader-overlay", "1.3 connect-device",
      "1.4 reset-device", "1.4.1 pdu-reboot", "1.5 uefi-menu-interrupt", "1.6 grub-efi-menu-selector",
      "1.7 bootloader-interrupt", "1.8 bootloader-commands", "1.9 auto-login-action", "1.9.1 login-action"},
     "uefi-menu-interrupt"},
    {"ipxe",
     {"\x02"
      "dhcp net0",
      "kernel tftp://10.0.0.1/" + kernel_name + " console=ttyS0", "initrd tftp://10.0.0.1/" + ramdisk_name, "boot"},
     {"1 bootloader-action", "1.1 bootloader-overlay", "1.2 connect-device", "1.3 bootloader-retry",
      "1.3.1 reset-device", "1.3.1.1 pdu-reboot", "1.3.2 bootloader-interrupt", "1.3.3 bootloader-commands",
      "1.3.4 auto-login-action", "1.3.4.1 login-action"}},
    {"depthcharge",
     {"tftpboot 10.0.0.1 " + kernel_name + " 42/tftp-deploy-x/kernel/cmdline " + ramdisk_name},
     {"1 depthcharge-action", "1.1 depthcharge-overlay", "1.2 depthcharge-retry", "1.2.1 reset-connection",
      "1.2.1.1 disconnect-device", "1.2.1.2 connect-device", "1.2.2 reset-device", "1.2.2.1 pdu-reboot",
      "1.2.3 depthcharge-start", "1.2.4 bootloader-commands", "1.2.5 auto-login-action", "1.2.5.1 login-action"},
     "depthcharge-start"},
    {"uefi",
     {"", " 2", " ifconfig -s eth0 dhcp", "norkern console=ttyAMA0 initrd=ramdisk.img"},
     {"1 uefi-shell-main-action", "1.1 bootloader-overlay", "1.2 menu-connect", "1.3 reset-device", "1.3.1 pdu-reboot",
      "1.4 uefi-shell-menu-interrupt", "1.5 uefi-shell-menu-selector", "1.6 uefi-shell-interrupt",
      "1.7 bootloader-commands", "1.8 auto-login-action", "1.8.1 login-action"},
     "uefi-shell-menu-interrupt"},
};

/// What was typed, line by line; each of them may end as UEFI wants it.
std::vector<std::string> lines_of(const std::string& typed) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < typed.size();) {
        const auto end = std::min(typed.find('\n', begin), typed.size());
        lines.push_back(typed.substr(begin, end - begin));
        if (lines.back().ends_with('\r')) lines.back().pop_back();
        begin = end + 1;
    }
    return lines;
}

void note_levels(const config::Value& node, std::vector<std::string>& levels) {
    if (const auto* name = node.find("name")) {
        levels.push_back(config::python_str(*node.find("level")) + " " + config::python_str(*name));
    }
    const auto* below = node.find("pipeline");
    if (!below) return;
    for (const auto& child : *below->as_list()) note_levels(child, levels);
}

struct LoaderFlow : ::testing::TestWithParam<Flow> {
    const Flow& flow = GetParam();
    SimLoader loader = sim_loader(flow.loader);
    SimJob job;
    LoaderFlow() { put_loader(job, loader); }
};

TEST_P(LoaderFlow, PassesByLavasSteps) {
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_EQ(lines_of(job.board->typed), flow.typed);
    std::vector<std::string> levels;
    for (const auto& action : *job.described.find("pipeline")->as_list()) note_levels(action, levels);
    levels.resize(flow.levels.size());  // then comes what ends every job
    EXPECT_EQ(levels, flow.levels);
    EXPECT_EQ(first_failure(job), "");
    EXPECT_FALSE(job.board->powered);
}

TEST_P(LoaderFlow, TriesAgainFromPowerOn) {
    job.board->boots_in_turn = {{say("nothing that is known\r\n"), silence()}};
    const auto& waits = flow.waits;
    put_loader(job, loader, "    failure_retry: 2\n    timeouts: {" + waits + ": {seconds: 20}}\n");
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_EQ(job.board->boots, 2);
    EXPECT_EQ(first_failure(job), "lava/" + waits);
    EXPECT_EQ(job.sink.failure_of(waits), waits + " timed out after 20 seconds");
}

TEST_P(LoaderFlow, OfAnotherLoaderThanTheDevicesIsRefusedBeforeTheBoardIsTouched) {
    job.description.boot_methods.erase(loader.method);
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr(loader.method));
    EXPECT_EQ(job.board->boots, 0);
}

std::string name_of(const ::testing::TestParamInfo<Flow>& info) {
    auto name = info.param.loader;
    std::erase(name, '-');
    return name;
}
INSTANTIATE_TEST_SUITE_P(OfEachLoader, LoaderFlow, ::testing::ValuesIn(flows), name_of);

// --- roots over the network ------------------------------------------------------------------------------------------

struct Roots : ::testing::Test {
    SimJob job;

    /// Boots by this set, instead of `ramdisk`.
    void put(const std::string& method, const std::string& set, std::vector<std::string> commands) {
        auto loader = sim_loader(method);
        loader.commands = std::move(commands);
        put_loader(job, loader);
        job.definition.replace(job.definition.find("ramdisk"), 7, set);
        auto* settings = job.description.boot_methods.find(method)->as_map();
        settings->set(set, *settings->find("ramdisk"));
        const auto files = job.prepare;
        job.prepare = [files](JobContext& context) {
            files(context);
            auto& boot = context.state("common").boot;
            boot.nfs_server = "10.0.0.2";
            boot.nfs_root = "/srv/nfs/42/root";
            boot.nbd_server = "10.0.0.3";
            boot.nbd_port = 55001;
        };
    }
};

const std::string nfs_arguments = "root=/dev/nfs rw nfsroot={NFS_SERVER_IP}:{NFSROOTFS},tcp,hard ip=dhcp";
const std::string nfs_typed = "root=/dev/nfs rw nfsroot=10.0.0.2:/srv/nfs/42/root,tcp,hard ip=dhcp";
const std::string nbd_arguments = "rw nbd.server={NBDSERVERIP} nbd.port={NBDSERVERPORT} root=/dev/ram0";
const std::string nbd_typed = "rw nbd.server=10.0.0.3 nbd.port=55001 root=/dev/ram0";

TEST_F(Roots, OverNfsStandInTheArgumentsThatUbootGives) {
    put("u-boot", "nfs", {"dhcp", "tftp {KERNEL_ADDR} {KERNEL}", "setenv bootargs " + nfs_arguments, "{BOOTX}"});
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, HasSubstr("\nsetenv bootargs " + nfs_typed + "\nbooti "));
}

TEST_F(Roots, OverNbdStandInTheArgumentsThatUbootGives) {
    put("u-boot", "nbd", {"dhcp", "tftp {KERNEL_ADDR} {KERNEL}", "setenv bootargs " + nbd_arguments, "{BOOTX}"});
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, HasSubstr("\nsetenv bootargs " + nbd_typed + "\nbooti "));
}

TEST_F(Roots, OverNfsStandInGrubsLineOfTheKernel) {
    put("grub-efi", "nfs", {"net_bootp", "linux (tftp,{SERVER_IP})/{KERNEL} " + nfs_arguments, "boot"});
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, HasSubstr("\nlinux (tftp,10.0.0.1)/" + kernel_name + " " + nfs_typed + "\nboot\n"));
}

TEST_F(Roots, OverNbdStandInGrubsLineOfTheKernel) {
    put("grub", "nbd", {"net_bootp", "linux (tftp,{SERVER_IP})/{KERNEL} " + nbd_arguments, "boot"});
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, HasSubstr("\nlinux (tftp,10.0.0.1)/" + kernel_name + " " + nbd_typed + "\nboot\n"));
}

TEST_F(Roots, OverNbdStandInWhatIpxeIsTold) {
    put("ipxe", "nbd", {"dhcp net0", "kernel tftp://{SERVER_IP}/{KERNEL} " + nbd_arguments, "boot"});
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, HasSubstr("\nkernel tftp://10.0.0.1/" + kernel_name + " " + nbd_typed + "\nboot\n"));
}

/// Without a server the line that names it is not typed: the kernel would wait for a root that is nowhere.
TEST_F(Roots, ThatNoDeployHasMadeAreNotNamed) {
    put("u-boot", "nfs", {"dhcp", "setenv bootargs " + nfs_arguments, "{BOOTX}"});
    const auto all = job.prepare;
    job.prepare = [all](JobContext& context) {
        all(context);
        context.state("common").boot.nfs_root.clear();
    };
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->typed.find("nfsroot"), std::string::npos);
}

TEST_F(Roots, ThatTheKernelCannotMountAreAPanicOfTheKernel) {
    put("u-boot", "nfs", {"dhcp", "setenv bootargs " + nfs_arguments, "{BOOTX}"});
    answer(job, sim_loader("u-boot"),
           {"booti",
            "Starting kernel ...\r\n[    0.0] Linux version 6.6\r\n[   95.1] VFS: Unable to mount root fs via NFS.\r\n"
            "[   95.2] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(2,0)\r\n"
            "[   95.3] ---[ end Kernel panic - not syncing: VFS ]---\r\n",
            0s, false});
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("Kernel panic - not syncing: VFS: Unable to mount root fs"));
    EXPECT_EQ(first_failure(job), "lava/kernel-messages");
    EXPECT_FALSE(job.board->powered);
}

// --- commands of the job ---------------------------------------------------------------------------------------------

TEST(JobCommands, TakeThePlaceOfTheDevicesWithEachLoader) {
    for (const std::string method : {"u-boot", "barebox", "grub", "ipxe"}) {
        SimJob own;
        const auto loader = sim_loader(method);
        put_loader(own, loader);
        own.definition =
            job_text("- boot:\n    method: " + method + "\n    commands: ['echo {LAVA_JOB_ID} {KERNEL}', '" +
                     loader.last + " now']\n    prompts: ['root@board01:']\n    timeout: {minutes: 3}\n");
        const auto outcome = own.run();
        EXPECT_TRUE(outcome.passed()) << method << ": " << outcome.error_msg;
        EXPECT_THAT(own.board->typed, HasSubstr("echo 42 " + kernel_name + "\n" + loader.last + " now\n")) << method;
        EXPECT_TRUE(own.sink.has("warning", "the boot commands are those of the job")) << method;
    }
}

TEST(JobCommands, AreRefusedForDepthchargeWhichHasNoCommandLineThen) {
    SimJob job;
    put_loader(job, sim_loader("depthcharge"));
    job.definition = job_text("- boot: {method: depthcharge, commands: [tftpboot], timeout: {minutes: 3}}\n");
    EXPECT_THAT(job.run().error_msg, HasSubstr("depthcharge needs the name of a set of the device"));
    EXPECT_EQ(job.board->boots, 0);
}

// --- menus of the firmware -------------------------------------------------------------------------------------------

struct Menus : ::testing::Test {
    SimJob job;
    Menus() { put_loader(job, sim_loader("grub-efi")); }
    const SimStep asks = say("The default boot selection will start in 5 seconds\r\n");
};

TEST_F(Menus, WithoutTheEntryAreTheJobsProblem) {
    job.board->boot = {asks, pause(1s), say("[1] Shell\r\n[2] PXE\r\nStart:"), silence()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg, "No selection was made");
    EXPECT_TRUE(job.sink.has("error", "no entry 'GRUB' in the menu above"));
    EXPECT_EQ(first_failure(job), "lava/grub-efi-menu-selector");
}

TEST_F(Menus, OfAFirmwareThatCrashesEndTheBootAtOnce) {
    const std::string crash = "\r\nSynchronous Exception at 0x00000000BF8A1234\r\n";
    job.board->boot = {asks, pause(1s), say("[1] Shell\r\n"), say(crash), silence()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg,
              "matched a bootloader error message: 'Synchronous Exception at' (1); uefi-menu said: Synchronous "
              "Exception at 0x00000000BF8A1234");
    EXPECT_EQ(first_failure(job), "lava/grub-efi-menu-selector");
    EXPECT_LT(job.took, 20s);
    EXPECT_FALSE(job.board->powered);
}

TEST_F(Menus, ThatAreNeverReachedEndTheBootAtOnceToo) {
    job.board->boot = {say("DRAM: 8 GiB\r\nSynchronous Exception at 0x0000000080001000\r\n"), silence()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("uefi-menu said: Synchronous Exception at 0x0000000080001000"));
    EXPECT_EQ(first_failure(job), "lava/uefi-menu-interrupt");
    EXPECT_LT(job.took, 20s);
}

TEST_F(Menus, ThatComeBackInsteadOfAKernelEndTheBootSoon) {
    const std::string menu = "[1] Shell\r\n[2] Linux\r\nStart: ";
    job.description = loader_device(
        "      uefi-menu:\n        parameters: {interrupt_prompt: The default boot selection, interrupt_string: ' ', "
        "bootloader_prompt: 'Start:', item_markup: ['[', ']'], item_class: '0-9', separator: ' '}\n"
        "        emmc:\n        - select: {items: [Linux]}\n",
        loader_constants);
    job.definition =
        job_text("- boot: {method: uefi-menu, commands: emmc, prompts: ['root@board01:'], timeout: {minutes: 5}}\n");
    job.board->boot = {
        asks, pause(1s), say(menu), expect_line("2"), say("Booting Linux\r\nNot Found\r\n\r\n" + menu), silence()};
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("back at its prompt 'Start:' after its last command 'Linux'"));
    EXPECT_EQ(first_failure(job), "lava/auto-login-action");
    EXPECT_LT(job.took, 20s);
    EXPECT_FALSE(job.board->powered);

    // One that takes its time comes back to nothing.
    job.board->boot = {asks,
                       pause(1s),
                       say(menu),
                       expect_line("2"),
                       say("Booting Linux\r\n"),
                       pause(30s),
                       say("[    0.0] Linux version 6.6\r\n" + shell_prompt)};
    EXPECT_TRUE(job.run().passed());
}

}  // namespace
}  // namespace patchbay::testing
