// SPDX-License-Identifier: Apache-2.0
#include "jobs/portable/recipe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/portable/recipe_of_device.hpp"
#include "tests/jobs/portable/portable_text.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

DeviceDescription board(const std::string& methods, const std::string& parameters) {
    return read_device(config::parse_yaml("constants: {failure_retry: 1}\ntimeouts: {}\nparameters: {" + parameters +
                                          "}\nactions:\n  deploy: {methods: {tftp: null}}\n  boot: {methods: {" +
                                          methods + "}}\nhardware: {audio: {headset: {driver: alsa, card: X}}}\n"),
                       "board-01.yaml");
}

TEST(Recipe, IsWhatTheDeviceSaysOfItself) {
    const auto recipe = recipe_of_device(
        board("u-boot: {ramdisk: {commands: [boot]}, nfs: {commands: [boot]}}", "booti: {kernel: '0x1'}"), "my-board");
    EXPECT_EQ(recipe.method, "u-boot");
    EXPECT_EQ(recipe.kernel_type, "image");
    EXPECT_EQ(recipe.architecture, "arm64");
    EXPECT_THAT(recipe.roots, ElementsAre(Root::ramdisk, Root::nfs));
    EXPECT_THAT(recipe.capabilities, ElementsAre("audio"));
    const auto pc = recipe_of_device(board("grub: {nfs: {commands: [boot]}}", ""), "server");
    EXPECT_EQ(pc.method, "grub");
    EXPECT_EQ(pc.architecture, "") << "arm64 servers have GRUB, too";
    EXPECT_EQ(pc.kernel_type, "");
    EXPECT_EQ(recipe_of_device(board("u-boot: {}", "bootz: {kernel: '0x1'}"), "old").kernel_type, "zimage");
}

TEST(Recipe, OfAUBootBoardHasTheKernelOfItsArchitecture) {
    const auto recipe = [](const std::string& arch, const std::string& addresses) {
        const auto text = "constants: {failure_retry: 1}\ntimeouts: {}\nparameters: {" + addresses +
                          "}\nactions:\n  deploy: {methods: {tftp: null}, parameters: {mkimage_arch: " + arch +
                          "}}\n  boot: {methods: {u-boot: {ramdisk: {commands: [boot]}}}}\n";
        return recipe_of_device(read_device(config::parse_yaml(text), "board-01.yaml"), "my-board");
    };
    EXPECT_EQ(recipe("arm", "booti: {kernel: '0x1'}, bootz: {kernel: '0x1'}").kernel_type, "zimage")
        << "templates have addresses of booti for 32-bit boards, too";
    EXPECT_EQ(recipe("arm64", "bootm: {kernel: '0x1'}").kernel_type, "image") << "the deploy makes a uImage of it";
    EXPECT_EQ(recipe("arm", "bootm: {kernel: '0x1'}").kernel_type, "zimage");
    EXPECT_EQ(recipe("riscv", "booti: {kernel: '0x1'}").architecture, "riscv64");
    EXPECT_EQ(recipe("riscv", "booti: {kernel: '0x1'}").kernel_type, "image");
}

TEST(Recipe, KnowsWhetherArgumentsReachTheKernel) {
    const auto takes = [](const std::string& methods) {
        return recipe_of_device(board(methods, ""), "my-board").takes_arguments;
    };
    const std::string with = "grub: {ramdisk: {commands: ['linux k {BOOT_ARGUMENTS}']}, nfs: {commands: [boot]}}";
    EXPECT_FALSE(takes("grub: {ramdisk: {commands: [boot]}}"));
    EXPECT_TRUE(takes("grub: {ramdisk: {commands: ['linux k {BOOT_ARGUMENTS}']}}"));
    EXPECT_TRUE(takes("depthcharge: {ramdisk: {cmdline: 'quiet {BOOT_ARGUMENTS}', commands: [boot]}}"));
    EXPECT_FALSE(takes(with)) << "not with all roots";
    auto recipe = *built_in_recipe("qemu-arm64");
    recipe.takes_arguments = false;
    EXPECT_THAT(cannot_run(portable("boot_arguments: quiet\n"), recipe),
                Optional(HasSubstr("no place for boot_arguments")));
    EXPECT_EQ(cannot_run(portable(), recipe), std::nullopt);
}

TEST(Recipe, HasARootThatItsMethodCanBoot) {
    const auto problem = [](const std::string& recipe) {
        const auto text = config::parse_yaml("recipe: {architecture: arm64, " + recipe + "}\n");
        config::Problems problems{"lab.yaml"};
        config::MapReader map{text, "", problems};
        read_recipe(map.map("recipe"), {});
        return problems.empty() ? std::string{} : problems.lines().front();
    };
    EXPECT_THAT(problem("method: qemu, root: [nfs]"), HasSubstr("'nfs' is not for the method 'qemu'"));
    EXPECT_THAT(problem("method: qemu, root: [own]"), HasSubstr("'own' is not for"));
    EXPECT_THAT(problem("method: u-boot, root: [disk]"), HasSubstr("'disk' is not for the method 'u-boot'"));
    EXPECT_THAT(problem("method: u-boot"), HasSubstr("root: is missing"));
    EXPECT_EQ(problem("method: u-boot, root: [own, nfs, ramdisk], boot: {commands: emmc}"), "");
    EXPECT_THAT(problem("method: u-boot, root: [nfs, own], boot: {failure_retry: 2}"),
                HasSubstr("recipe.root: 'own' needs the set of boot commands that boots the board's own root: boot: "
                          "{commands: NAME}"));
    EXPECT_EQ(problem("method: qemu, root: [disk, ramdisk]"), "");
}

TEST(Recipe, OfTheLabWinsOverTheDevices) {
    const auto text = config::parse_yaml(
        "recipe: {architecture: arm, kernel_type: zimage, root: [nfs], memory: 512,\n"
        "  boot: {commands: mine}, context: {kernel_loglevel: 8}}\n");
    config::Problems problems{"lab.yaml"};
    config::MapReader map{text, "", problems};
    Recipe base;
    base.method = "u-boot";
    const auto recipe = read_recipe(map.map("recipe"), base);
    problems.raise_if_any();
    EXPECT_EQ(recipe.method, "u-boot");
    EXPECT_EQ(recipe.kernel_type, "zimage");
    EXPECT_THAT(recipe.roots, ElementsAre(Root::nfs));
    EXPECT_EQ(config::text_or_empty(recipe.boot.find("commands")), "mine");
}

TEST(Recipe, SaysWhatItLacks) {
    const auto text = config::parse_yaml("recipe: {root: [tape], boot: 1}\n");
    config::Problems problems{"lab.yaml"};
    config::MapReader map{text, "", problems};
    read_recipe(map.map("recipe"), {});
    EXPECT_THAT(problems.lines(), ::testing::UnorderedElementsAre(
                                      HasSubstr("'tape' is none of ramdisk, nfs, disk, own"),
                                      HasSubstr("boot: must be a map"), HasSubstr("root: is missing"),
                                      HasSubstr("architecture: is missing"), HasSubstr("method: is missing")));
}

TEST(Recipe, OfVirtualMachinesIsBuiltIn) {
    EXPECT_EQ(built_in_recipe("qemu-amd64"), built_in_recipe("qemu-x86_64"));
    EXPECT_EQ(built_in_recipe("qemu-aarch64")->console, "ttyAMA0");
    EXPECT_EQ(built_in_recipe("qemu-x86")->architecture, "i386") << "KernelCI's word";
    EXPECT_EQ(built_in_recipe("qemu-vax"), nullptr);
    EXPECT_EQ(built_in_recipe("arm64"), nullptr);
}

TEST(Recipe, RefusesAJobThatDoesNotFit) {
    const auto fits = [](const PortableJob& job, Recipe recipe) { return cannot_run(job, recipe); };
    const auto job = portable();
    EXPECT_EQ(fits(job, *built_in_recipe("qemu-arm64")), std::nullopt);
    EXPECT_THAT(fits(job, *built_in_recipe("qemu-riscv64")), Optional(HasSubstr("no artifacts for that")));
    auto nfs_only = *built_in_recipe("qemu-x86_64");
    nfs_only.roots = {Root::nfs};
    EXPECT_THAT(fits(job, nfs_only), Optional(HasSubstr("can boot from nfs")));
    auto small = *built_in_recipe("qemu-arm64");
    small.memory = 256;
    EXPECT_THAT(fits(portable("needs: {memory: 512}\n"), small), Optional(HasSubstr("256 MiB")));
    EXPECT_THAT(fits(portable("needs: {capabilities: [audio]}\n"), small), Optional(HasSubstr("has no 'audio'")));
    auto unknown = small;
    unknown.memory = 0;
    unknown.method = "u-boot";
    EXPECT_THAT(fits(portable("needs: {memory: 512}\n"), unknown), Optional(HasSubstr("nothing says how much")));
    small.capabilities = {"audio"};
    EXPECT_EQ(fits(portable("needs: {capabilities: [audio-loopback]}\n"), small), std::nullopt);
    EXPECT_EQ(fits(portable("needs: {capabilities: [audio]}\n"), small), std::nullopt);
}

}  // namespace
}  // namespace patchbay::testing
