// SPDX-License-Identifier: Apache-2.0
// What firmware prints when it gives up, by loader: the boot ends at once, and the job says who said what. The texts
// are those of the loaders, the expressions those of LAVA's templates (etc/dispatcher-config/device-types/base.jinja2).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/actions/sim_loaders.hpp"

namespace patchbay::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

enum class After { prompt, nothing };

struct GivingUp {
    std::string loader;
    std::string command;  ///< at which it gives up
    std::string says;
    std::string expression;  ///< of the device's error-messages
    std::string told;        ///< the line that the job's error ends with
    std::string action = "bootloader-commands";
    After after = After::prompt;
};

void PrintTo(const GivingUp& row, std::ostream* out) { *out << row.loader << ": " << row.told; }

/// Seconds of a reset and of the silence in which a board is heard out.
constexpr auto soon = 20s;

const std::string login = "auto-login-action";  // no final message: nothing is awaited before the kernel

const std::vector<GivingUp> rows{
    {"u-boot", "dhcp", "BOOTP broadcast 1\r\nBOOTP broadcast 17\r\n\r\nRetry time exceeded; starting again\r\n",
     "Retry time exceeded; starting again", "Retry time exceeded; starting again", "bootloader-commands",
     After::nothing},
    {"u-boot", "tftp 0x40080000",
     "TFTP from server 10.0.0.1; our IP address is 10.0.0.9\r\nLoading: *\b\r\nTFTP error: 'File not found' (1)\r\nNot "
     "retrying...\r\n",
     "File not found", "TFTP error: 'File not found' (1)"},
    {"u-boot", "tftp 0x40080000", "Loading: *\bT T T T T T T T T T \r\nRetry count exceeded; starting again\r\n",
     "Retry count exceeded", "Retry count exceeded; starting again"},
    {"u-boot", "tftp 0x4FF00000", "\r\nTFTP error: trying to overwrite reserved memory...\r\n",
     "TFTP error: trying to overwrite reserved memory", "TFTP error: trying to overwrite reserved memory..."},
    {"u-boot", "booti", "Bad Linux ARM64 Image magic!\r\n", "Bad Linux ARM64 Image magic!",
     "Bad Linux ARM64 Image magic!"},
    {"u-boot", "booti", "Wrong Ramdisk Image Format\r\nRamdisk image is corrupt or invalid\r\n",
     "Wrong Ramdisk Image Format", "Wrong Ramdisk Image Format"},
    {"u-boot", "booti", "ERROR: Did not find a cmdline Flattened Device Tree\r\nCould not find a valid device tree\r\n",
     "ERROR: Did not find a cmdline Flattened Device Tree", "ERROR: Did not find a cmdline Flattened Device Tree"},
    {"u-boot", "booti", "ERROR: RD image overlaps OS image (OS=0x40080000..0x42000000)\r\n",
     "ERROR: RD image overlaps OS image", "ERROR: RD image overlaps OS image (OS=0x40080000..0x42000000)"},
    {"u-boot", "booti", "\"Synchronous Abort\" handler, esr 0x96000004\r\nelr: 0000\r\n\r\nResetting CPU ...\r\n\r\n",
     "Resetting CPU", "Resetting CPU ...", "bootloader-commands", After::nothing},
    {"u-boot", "booti", "\r\nStarting kernel ...\r\n\r\nResetting CPU ...\r\n", "Resetting CPU", "Resetting CPU ...",
     login, After::nothing},

    {"barebox", "bootm", "ERROR: Booting ARM aarch64 Linux image failed: Invalid argument\r\n", "ERROR: .*",
     "ERROR: Booting ARM aarch64 Linux image failed: Invalid argument"},
    {"barebox", "bootm", "ERROR: of_probe\r\n### ERROR ### Please RESET the board ###\r\n", "ERROR: .*",
     "ERROR: of_probe", "bootloader-commands", After::nothing},
    {"barebox", "bootm", "barebox_malloc: Out of memory\r\n", ".*: Out of memory", "barebox_malloc: Out of memory"},

    {"grub", "net_bootp", "error: couldn't autoconfigure efinet0.\r\n", "error: couldn't autoconfigure",
     "error: couldn't autoconfigure efinet0."},
    {"grub", "linux", "error: timeout reading `42/tftp-deploy-x/kernel/Image'.\r\n", "error: timeout reading",
     "error: timeout reading `42/tftp-deploy-x/kernel/Image'."},
    {"grub", "linux", "error: file '/42/tftp-deploy-x/kernel/Image' not found.\r\n", "error: file '(.*)' not found",
     "error: file '/42/tftp-deploy-x/kernel/Image' not found."},
    {"grub", "initrd", "error: you need to load the kernel first.\r\n", "error: you need to load the kernel first.",
     "error: you need to load the kernel first."},
    {"grub", "boot", "error: you need to load the kernel first.\r\n\r\nPress any key to continue...\r\n",
     "error: you need to load the kernel first.", "error: you need to load the kernel first.", login},

    {"grub-efi", "linux", "error: timeout reading `42/tftp-deploy-x/kernel/Image'.\r\n", "error: timeout reading",
     "error: timeout reading `42/tftp-deploy-x/kernel/Image'."},
    {"grub-efi", "boot", "\r\nSynchronous Exception at 0x00000000BF8A1234\r\n", "Synchronous Exception at",
     "Synchronous Exception at 0x00000000BF8A1234", login, After::nothing},

    {"ipxe", "dhcp",
     "Configuring (net0 52:54:00:12:34:58).................. No configuration methods succeeded "
     "(http://ipxe.org/040ee119)\r\n",
     "No configuration methods succeeded", "No configuration methods succeeded (http://ipxe.org/040ee119)"},
    {"ipxe", "kernel",
     "tftp://10.0.0.1/42/tftp-deploy-x/kernel/Image... Connection timed out (http://ipxe.org/4c126035)\r\n",
     "Connection timed out", "Connection timed out (http://ipxe.org/4c126035)"},

    {"depthcharge", "tftpboot", "Waiting for link\r\ndone.\r\nTftp failed.\r\n", "Tftp failed.", "Tftp failed."},
    {"depthcharge", "tftpboot", "No network device.\r\n", "No network device.", "No network device."},
    {"depthcharge", "tftpboot", "My ip is 10.0.0.9\r\nError code 1 (File not found)\r\n",
     "Error code \\d+( \\([\\w\\s]+\\))?\\r\\n", "Error code 1 (File not found)"},

    {"uefi", "norkern",
     "'norkern' is not recognized as an internal or external command, operable program, or script file.\r\n",
     "is not recognized as an internal or external command",
     "'norkern' is not recognized as an internal or external command, operable program, or script file.", login},
    {"uefi", "norkern", "\r\nSynchronous Exception at 0x00000000FA1C2B3C\r\n", "Synchronous Exception at",
     "Synchronous Exception at 0x00000000FA1C2B3C", login, After::nothing},
};

struct LoaderErrors : ::testing::TestWithParam<GivingUp> {
    const GivingUp& row = GetParam();
    SimLoader loader = sim_loader(row.loader);
    SimJob job;
    LoaderErrors() { put_loader(job, loader); }
};

TEST_P(LoaderErrors, EndTheBootAtOnceAndAreTold) {
    answer(job, loader, {row.command, row.says, 0s, row.after == After::prompt});
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, StartsWith("matched a bootloader error message: '" + row.expression + "' ("));
    EXPECT_THAT(outcome.error_msg, HasSubstr("); " + row.loader + " said: "));
    EXPECT_TRUE(outcome.error_msg.ends_with(row.told)) << outcome.error_msg;
    EXPECT_EQ(first_failure(job), "lava/" + row.action);
    EXPECT_LT(job.took, soon);
    const auto inputs = job.sink.texts("input");
    EXPECT_THAT(inputs.back(), HasSubstr(row.command)) << "nothing is typed any more";
    EXPECT_TRUE(outcome.device_is_safe);
    EXPECT_FALSE(job.board->powered);
}

TEST_P(LoaderErrors, AreNoneInWhatTheKernelPrints) {
    job.board->chunk = 32;  // as a serial line gives it: ".*" goes back to all that came at once
    answer(job, loader,
           {loader.last,
            "\r\nStarting kernel ...\r\n[    0.0] Linux version 6.6\r\n" + row.says + row.told + "\r\n" + shell_prompt,
            0s, false});
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_EQ(first_failure(job), "");
}

std::string name_of(const ::testing::TestParamInfo<GivingUp>& info) {
    std::string name = info.param.loader + std::to_string(info.index);
    std::erase(name, '-');
    return name;
}
INSTANTIATE_TEST_SUITE_P(OfEachLoader, LoaderErrors, ::testing::ValuesIn(rows), name_of);

// --- back at the prompt ----------------------------------------------------------------------------------------------

/// A loader that answers its last command with something that is in no list, and waits for another one.
struct BackAtPrompt : ::testing::TestWithParam<GivingUp> {
    const GivingUp& row = GetParam();
    SimLoader loader = sim_loader(row.loader);
    SimJob job;
    BackAtPrompt() { put_loader(job, loader); }
};

const std::vector<GivingUp> refusals{
    {"u-boot", "booti", "", "", "Unknown command 'booti' - try 'help'"},
    {"barebox", "bootm", "", "", "could not open /mnt/tftp/42/tftp-deploy-x/kernel/Image: No such file or directory"},
    {"grub", "boot", "", "", "error: no server is specified.", login},
    {"grub-efi", "boot", "", "", "error: shim_lock protocol not found.", login},
    {"ipxe", "boot", "", "", "Could not boot: Exec format error (http://ipxe.org/2e008081)", login},
    {"depthcharge", "tftpboot", "", "", "Could not find a tftpboot server"},
    {"uefi", "norkern", "", "", "Command Error Status: Unsupported", login},
};

TEST_P(BackAtPrompt, EndsTheBootSoonAndSaysSo) {
    answer(job, loader, {row.command, row.told + "\r\n"});
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, StartsWith("the boot loader is back at its prompt '" + loader.expected +
                                              "' after its last command '" + loader.last));
    EXPECT_TRUE(outcome.error_msg.ends_with("it said: " + row.told)) << outcome.error_msg;
    EXPECT_EQ(first_failure(job), "lava/" + row.action);
    EXPECT_LT(job.took, soon);
    EXPECT_FALSE(job.board->powered);
}

TEST_P(BackAtPrompt, IsNotWhereItsEchoIsAllThatCameForAWhile) {
    answer(job, loader,
           {loader.last, "Starting kernel ...\r\n[    0.0] Linux version 6.6\r\n" + shell_prompt, 40s, false});
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_GT(job.took, 40s);
}

TEST_P(BackAtPrompt, IsNotWhereTheKernelPrintsIt) {
    auto steps = until_last_command(loader);
    steps.push_back(say("\r\nStarting kernel ...\r\n\r\n[    0.0] Linux version 6.6\r\n" + loader.prompt));
    steps.push_back(pause(15s));
    steps.push_back(say("\r\n" + shell_prompt));
    job.board->boot = steps;
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_GT(job.took, 15s);
}

INSTANTIATE_TEST_SUITE_P(OfEachLoader, BackAtPrompt, ::testing::ValuesIn(refusals), name_of);

}  // namespace
}  // namespace patchbay::testing
