// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/boot_commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;

const BootValues values{
    {"SERVER_IP", "10.0.0.1"}, {"RAMDISK", ""}, {"RAMDISK_ADDR", "0x4FF00000"}, {"KERNEL", "42/Image"}};
const std::vector<std::string> commands{"setenv serverip {SERVER_IP}", "tftp {RAMDISK_ADDR} {RAMDISK}", "x {UNKNOWN}",
                                        "{KERNEL} {KERNEL}"};

TEST(BootCommands, WithoutAValueAreLeftOut) {
    EXPECT_THAT(substitute_commands(commands, values, Missing::drops_command),
                ElementsAre("setenv serverip 10.0.0.1", "x {UNKNOWN}", "42/Image 42/Image"));
}

TEST(BootCommands, OfAScriptKeepTheirPlaceholders) {
    EXPECT_THAT(substitute_commands(commands, values, Missing::keeps_placeholder)[1], "tftp 0x4FF00000 {RAMDISK}");
    EXPECT_THAT(substitute_commands(commands, values, Missing::drops_placeholder)[1], "tftp 0x4FF00000 ");
}

TEST(BootCommands, AValueIsNotSearchedForItself) {
    EXPECT_THAT(substitute_commands({"{A}"}, {{"A", "{A}{A}"}}, Missing::drops_command), ElementsAre("{A}{A}"));
}

struct BootxCase {
    bool ramdisk, tee, sized;
    const char* wanted;
};

TEST(BootCommands, BootxNamesWhatIsThere) {
    for (const auto& [ramdisk, tee, sized, wanted] :
         {BootxCase{true, false, false, "booti K R D"}, BootxCase{true, false, true, "booti K R:${initrd_size} D"},
          BootxCase{false, false, true, "booti K - D"}, BootxCase{false, false, false, "booti K - D"},
          BootxCase{true, true, true, "booti T R:${initrd_size} D"}, BootxCase{false, true, false, "booti T - D"}}) {
        EXPECT_EQ(bootx({"booti", "K", "R", "D", "T", ramdisk, tee, sized}), wanted);
    }
}

TEST(BootCommands, DeviceTreeOverlaysAreAppliedOneByOne) {
    const std::vector<std::string> apply{"tftp {DTBO_ADDR} {DTBO}", "fdt apply {DTBO_ADDR}"};
    EXPECT_THAT(expand_overlays({"a", "{APPLY_DTBO_COMMANDS}", "b"}, apply, 2),
                ElementsAre("a", "tftp {DTBO_ADDR} {DTBO0}", "fdt apply {DTBO_ADDR}", "tftp {DTBO_ADDR} {DTBO1}",
                            "fdt apply {DTBO_ADDR}", "b"));
    EXPECT_THAT(expand_overlays({"a", "{APPLY_DTBO_COMMANDS}", "b"}, apply, 0), ElementsAre("a", "b"));
}

TEST(BootCommands, HaveAPlaceForArguments) {
    EXPECT_THAT(with_boot_arguments({"setenv bootargs 'a {BOOT_ARGUMENTS}'", "boot"}, "quiet"),
                ::testing::ElementsAre("setenv bootargs 'a quiet'", "boot"));
    EXPECT_THAT(with_boot_arguments({"linux k {BOOT_ARGUMENTS}"}, ""), ::testing::ElementsAre("linux k "));
}

}  // namespace
}  // namespace patchbay::testing
