// SPDX-License-Identifier: Apache-2.0
#include "jobs/portable/portable_job.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/jobs/portable/portable_text.hpp"

namespace patchbay::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string problems_of(const std::string& text) {
    try {
        read_portable_job(config::parse_yaml(text), "job.yaml");
    } catch (const ConfigurationError& error) {
        return error.what();
    }
    return "";
}

TEST(PortableJob, NamesWhatToBootByArchitecture) {
    const auto job = portable();
    ASSERT_EQ(job.artifacts.size(), 2u);
    const auto& arm64 = job.artifacts.at("arm64");
    EXPECT_EQ(arm64.kernel->url, "http://files.example.org/arm64/Image");
    EXPECT_FALSE(arm64.kernel->keys.contains("compression"));
    EXPECT_EQ(config::text_or_empty(arm64.ramdisk->keys.find("compression")), "gz");
    EXPECT_EQ(config::text_or_empty(arm64.rootfs->keys.find("sha256sum")), "abc");
    EXPECT_EQ(config::text_or_empty(arm64.rootfs->keys.find("compression")), "xz");
    EXPECT_EQ(arm64.dtbs.at("my-board").url, "http://files.example.org/arm64/my-board.dtb");
    EXPECT_EQ(arm64.dtbs.at("").url, "http://files.example.org/any.dtb");
    const auto& x86 = job.artifacts.at("x86_64");
    EXPECT_EQ(config::text_or_empty(x86.disk->keys.find("compression")), "zstd") << "what stands behind '?' is no name";
    ASSERT_EQ(job.tests.size(), 3u);
    EXPECT_EQ(job.tests[2].timeout, 2h);
    EXPECT_FALSE(job.tests[2].definition.contains("timeout")) << "LAVA's definitions have none";
}

TEST(PortableJob, RunsAnywhereUnlessItSaysWhere) {
    EXPECT_THAT(portable().where, IsEmpty());
    EXPECT_THAT(portable("where: any\n").where, IsEmpty());
    EXPECT_THAT(portable("where: my-board\n").where, ElementsAre("my-board"));
    EXPECT_THAT(portable("where: [my-board, qemu-arm64]\n").where, ElementsAre("my-board", "qemu-arm64"));
}

TEST(PortableJob, TellsEveryMistakeWithItsLine) {
    const auto text = problems_of(
        "portable: 2\n"
        "artifacts:\n"
        "  arm64: {ramdisk: {compression: gz}}\n"
        "tests: [{name: x}]\n"
        "wher: any\n");
    EXPECT_THAT(text, HasSubstr("job.yaml:1:11: portable: must be 1"));
    EXPECT_THAT(text, HasSubstr("name"));
    EXPECT_THAT(text, HasSubstr("job.yaml:3:20: artifacts.arm64.ramdisk: must be a URL, or a map with 'url'"));
    EXPECT_THAT(text, HasSubstr("artifacts.arm64.kernel: is missing"));
    EXPECT_THAT(text, HasSubstr("from: is missing; an entry of 'tests' is one of LAVA's 'definitions'"));
    EXPECT_THAT(text, HasSubstr("job.yaml:5:1: unknown key 'wher' (did you mean 'where'?)"));
    EXPECT_THAT(problems_of("portable: 1\nname: x\nartifacts: []\n"), HasSubstr("must be a map of architectures"));
    EXPECT_THAT(problems_of(portable_text("where: []\n")), HasSubstr("names no device type"));
    EXPECT_THAT(problems_of(portable_text("system: {login: root}\n")), HasSubstr("login: must be a map"));
}

TEST(PortableJob, HasLimits) {
    std::string many;
    for (int i = 0; i < 33; ++i) many += "board-" + std::to_string(i) + ", ";
    EXPECT_THAT(problems_of(portable_text("where: [" + many + "]\n")), HasSubstr("more than 32 device types"));
    EXPECT_THAT(problems_of(portable_text("where: [a, a]\n")), HasSubstr("names a device type twice"));
    EXPECT_THAT(problems_of(portable_text("timeouts: {boot: 0s, test: 8d}\n")),
                HasSubstr("timeouts.boot: must be between"));
    EXPECT_THAT(problems_of(portable_text("timeouts: {boot: 0s, test: 8d}\n")),
                HasSubstr("timeouts.test: must be between"));
    EXPECT_THAT(problems_of(portable_text("boot_arguments: \"a'b\"\n")), HasSubstr("must be one line"));
    EXPECT_THAT(problems_of(portable_text("boot_arguments: \"a\\nb\"\n")), HasSubstr("must be one line"));
    EXPECT_EQ(portable("boot_arguments: >\n  a\n  b\n").boot_arguments, "a b");
    auto twice = portable_text();
    twice.replace(twice.find("name: two"), 9, "name: one");
    EXPECT_THAT(problems_of(twice), HasSubstr("'one' is the name of another test, too"));
}

TEST(PortableJob, ExpectsResultsByDeviceType) {
    const auto job = portable("expect: {one/a: pass, one/b: {my-board: skip, '*': fail}}\n");
    EXPECT_EQ(job.expect.of("one/a", "any"), "pass");
    EXPECT_EQ(job.expect.of("one/b", "my-board"), "skip");
    EXPECT_EQ(job.expect.of("one/b", "qemu-arm64"), "fail");
    EXPECT_EQ(job.expect.of("one/c", "my-board"), std::nullopt);
    const auto text = problems_of(portable_text("expect: {one: pass, two/a: good, long/b: {x: 1}}\n"));
    EXPECT_THAT(text, HasSubstr("'one' is no test"));
    EXPECT_THAT(text, HasSubstr("'two/a': give pass, fail, skip or unknown"));
    EXPECT_THAT(text, HasSubstr("'long/b' on 'x'"));
}

TEST(PortableJob, ExpectsNothingOfTestsAndDeviceTypesThatItHasNot) {
    const std::string more =
        "where: [my-board, qemu-arm64]\n"
        "expect:\n"
        "  one/a: {my-board: pass, my-baord: fail}\n"
        "  oen/a: pass\n"
        "  lava/job: pass\n"
        "  two/set/a: {'*': pass}\n";
    const auto before = std::to_string(std::ranges::count(portable_text(), '\n') + 3);
    const auto text = problems_of(portable_text(more));
    EXPECT_THAT(text, HasSubstr("job.yaml:" + before +
                                ":27: expect: 'my-baord' is not in 'where' (did you mean 'my-board'?)\n"));
    EXPECT_THAT(text, HasSubstr(":3: expect: 'oen/a': none of the job's tests is called 'oen' (did you mean 'one'?)"));
    EXPECT_THAT(text, HasSubstr("none of the job's tests is called 'lava'"));
    EXPECT_EQ(std::ranges::count(text, '\n'), 2) << text;
    EXPECT_EQ(problems_of(portable_text("where: any\nexpect: {one/a: {board-x: pass}}\n")), "")
        << "which types there are only the lab knows";
}

TEST(PortableJob, IsToldFromALavaJob) {
    EXPECT_TRUE(is_portable(config::parse_yaml("portable: 7\n")));
    EXPECT_FALSE(is_portable(config::parse_yaml("job_name: x\nactions: []\n")));
    EXPECT_FALSE(is_portable(config::parse_yaml("[portable]\n")));
}

}  // namespace
}  // namespace patchbay::testing
