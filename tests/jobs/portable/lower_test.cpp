// SPDX-License-Identifier: Apache-2.0
#include "jobs/portable/lower.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/definition/definition.hpp"
#include "jobs/definition/submission.hpp"
#include "jobs/definition/validation.hpp"
#include "tests/jobs/portable/portable_text.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;

Recipe my_board() {
    Recipe recipe;
    recipe.name = "my-board";
    recipe.device_type = "my-board";
    recipe.architecture = "arm64";
    recipe.method = "u-boot";
    recipe.kernel_type = "image";
    recipe.roots = {Root::ramdisk, Root::nfs};
    return recipe;
}

const config::Map& action(const config::Map& job, std::size_t number, std::string_view kind) {
    return *(*job.find("actions")->as_list()).at(number).find(kind)->as_map();
}

std::string at(const config::Map& map, std::initializer_list<std::string_view> path) {
    const config::Value* found = nullptr;
    for (const auto key : path) found = found ? found->find(key) : map.find(key);
    return config::text_or_empty(found);
}

TEST(Lower, MakesAJobForAVirtualMachine) {
    const auto job =
        lower(portable("boot_arguments: loglevel=7\nneeds: {memory: 512}\n"), *built_in_recipe("qemu-arm64"));
    EXPECT_EQ(at(job, {"device_type"}), "qemu");
    EXPECT_EQ(at(job, {"context", "arch"}), "arm64");
    EXPECT_EQ(at(job, {"context", "memory"}), "512");
    const auto& deploy = action(job, 0, "deploy");
    EXPECT_EQ(at(deploy, {"images", "kernel", "image_arg"}), "-kernel {kernel} -append \"console=ttyAMA0 loglevel=7\"");
    EXPECT_EQ(at(deploy, {"images", "ramdisk", "format"}), "cpio.newc");
    EXPECT_EQ(at(deploy, {"images", "ramdisk", "overlays", "lava"}), "True");
    EXPECT_EQ(at(deploy, {"images", "ramdisk", "overlays", "modules", "path"}), "/");
    EXPECT_EQ(at(action(job, 1, "boot"), {"method"}), "qemu");
}

TEST(Lower, MakesAJobForABoard) {
    const auto job = lower(portable("boot_arguments: loglevel=7\n"), my_board());
    EXPECT_EQ(at(job, {"context", "extra_kernel_args"}), "loglevel=7");
    const auto& deploy = action(job, 0, "deploy");
    EXPECT_EQ(at(deploy, {"to"}), "tftp");
    EXPECT_EQ(at(deploy, {"kernel", "type"}), "image");
    EXPECT_EQ(at(deploy, {"dtb", "url"}), "http://files.example.org/arm64/my-board.dtb");
    EXPECT_FALSE(deploy.contains("nfsrootfs"));
    EXPECT_EQ(at(action(job, 1, "boot"), {"commands"}), "ramdisk");
    auto nfs = my_board();
    nfs.roots = {Root::nfs};
    const auto over_network = lower(portable(), nfs);
    EXPECT_EQ(at(action(over_network, 0, "deploy"), {"nfsrootfs", "compression"}), "xz");
    EXPECT_EQ(at(action(over_network, 1, "boot"), {"commands"}), "nfs");
}

TEST(Lower, LoadsTheDriversOfADiskFromAnInitrd) {
    const auto job = lower(portable(), *built_in_recipe("qemu-x86_64"));
    const auto& deploy = action(job, 0, "deploy");
    EXPECT_EQ(at(deploy, {"images", "kernel", "image_arg"}),
              "-kernel {kernel} -append \"console=ttyS0 root=/dev/vda rw\"");
    EXPECT_EQ(at(deploy, {"images", "initrd", "image_arg"}), "-initrd {initrd}");
    EXPECT_EQ(at(deploy, {"images", "initrd", "url"}), "http://files.example.org/x86/initrd.cpio.gz");
    EXPECT_FALSE(deploy.find("images")->find("initrd")->find("overlays")) << "the tests go to the disk";
    EXPECT_EQ(at(deploy, {"images", "disk", "overlays", "lava"}), "True");
}

TEST(Lower, LoadsTheDriversOfANetworkRootFromAnInitrd) {
    auto portable_job = portable();
    auto& arm64 = portable_job.artifacts.at("arm64");
    arm64.initrd = portable_job.artifacts.at("x86_64").initrd;
    EXPECT_EQ(at(action(lower(portable_job, my_board()), 0, "deploy"), {"ramdisk", "url"}), arm64.ramdisk->url);
    auto nfs = my_board();
    nfs.roots = {Root::nfs};
    EXPECT_EQ(at(action(lower(portable_job, nfs), 0, "deploy"), {"ramdisk", "url"}), arm64.initrd->url);
}

TEST(Lower, KeepsQuotesInArguments) {
    const auto job = lower(portable("boot_arguments: 'dyndbg=\"file a.c +p\"'\n"), *built_in_recipe("qemu-arm64"));
    EXPECT_EQ(at(action(job, 0, "deploy"), {"images", "kernel", "image_arg"}),
              "-kernel {kernel} -append 'console=ttyAMA0 dyndbg=\"file a.c +p\"'");
}

TEST(Lower, TakesNoRootInMemoryBesideOneOverTheNetwork) {
    auto nfs = my_board();
    nfs.roots = {Root::nfs};
    EXPECT_FALSE(action(lower(portable(), nfs), 0, "deploy").contains("ramdisk"));
    auto text = portable_text();
    text.replace(text.find("    modules:"), 0, "    initrd: http://files.example.org/arm64/initrd\n");
    const auto job = read_portable_job(config::parse_yaml(text), "job.yaml");
    EXPECT_EQ(at(action(lower(job, nfs), 0, "deploy"), {"ramdisk", "url"}), "http://files.example.org/arm64/initrd");
    EXPECT_EQ(at(action(lower(job, my_board()), 0, "deploy"), {"ramdisk", "url"}),
              "http://files.example.org/arm64/rootfs.cpio.gz");
}

TEST(Lower, CountsTheTimesOfTheRecipe) {
    auto recipe = my_board();
    recipe.boot = {{"timeout", config::Map{{"minutes", 20}}}};
    const auto job = lower(portable("timeouts: {deploy: 5m, boot: 5m, test: 10m}\n"), recipe);
    EXPECT_EQ(at(job, {"timeouts", "job", "minutes"}), std::to_string(5 + 20 + 10 + 120 + 2));
}

TEST(Lower, GivesATestWithATimeItsOwnAction) {
    const auto job = lower(portable("timeouts: {deploy: 5m, boot: 100s, test: 10m}\n"), my_board());
    const auto& actions = *job.find("actions")->as_list();
    ASSERT_EQ(actions.size(), 4u);
    EXPECT_EQ(action(job, 2, "test").find("definitions")->as_list()->size(), 2u);
    EXPECT_EQ(at(action(job, 2, "test"), {"timeout", "minutes"}), "10");
    EXPECT_EQ(at(action(job, 3, "test"), {"timeout", "minutes"}), "120");
    EXPECT_EQ(at(action(job, 1, "boot"), {"timeout", "seconds"}), "100");
    EXPECT_EQ(at(job, {"timeouts", "job", "seconds"}), std::to_string(5 * 60 + 100 + 10 * 60 + 7200 + 120));
}

TEST(Lower, LetsTheRecipeHaveTheLastWord) {
    auto recipe = my_board();
    recipe.boot = {{"commands", "mine"}, {"failure_retry", 3}};
    recipe.deploy = {{"os", "debian"}};
    const auto job = lower(portable("visibility: {group: [mine]}\n"), recipe);
    EXPECT_EQ(at(action(job, 1, "boot"), {"commands"}), "mine");
    EXPECT_EQ(at(action(job, 0, "deploy"), {"os"}), "debian");
    EXPECT_EQ(at(job, {"priority"}), "medium");
    EXPECT_TRUE(job.find("visibility")->is_map());
}

TEST(Lower, AsksForTheTagsOfWhatItNeeds) {
    auto recipe = my_board();
    recipe.capabilities = {"power"};
    recipe.capability_tags = {{"audio", "hardware:audio"}, {"storage", "hardware:storage"}};
    const auto text = [&recipe](const std::string& needs) {
        const auto job = lower(portable("needs: " + needs + "\n"), recipe);
        const auto* tags = job.find("tags");
        return tags ? config::dump_json(*tags) : "none";
    };
    EXPECT_EQ(text("{tags: [big], capabilities: [audio-loopback, audio, power]}"), R"(["big","hardware:audio"])");
    EXPECT_EQ(text("{capabilities: [power]}"), "none");
    EXPECT_THROW(text("{capabilities: [network]}"), JobError);
}

TEST(Lower, RefusesWhatDoesNotFit) { EXPECT_THROW(lower(portable(), *built_in_recipe("qemu-riscv64")), JobError); }

TEST(Lower, MakesWhatLavaTakes) {
    for (const auto& recipe : {my_board(), *built_in_recipe("qemu-arm64"), *built_in_recipe("qemu-x86_64")}) {
        const auto text = config::dump_yaml(lower(portable("needs: {tags: [big]}\n"), recipe));
        EXPECT_NO_THROW(read_submission(text)) << text;
        EXPECT_FALSE(validate_job(config::parse_yaml(text), Strictness::lenient)) << text;
        EXPECT_NO_THROW(parse_definition(text)) << text;
    }
}

}  // namespace
}  // namespace patchbay::testing
