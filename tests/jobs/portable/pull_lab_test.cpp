// SPDX-License-Identifier: Apache-2.0
#include "jobs/portable/pull_lab.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "jobs/definition/submission.hpp"
#include "jobs/portable/lower.hpp"
#include "tests/jobs/portable/portable_text.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view job_text = R"({
  "artifacts": {"kernel": "https://files.example.org/Image", "modules": "https://files.example.org/modules.tar.xz",
                "kselftest": "https://files.example.org/kselftest.tar.xz",
                "rootfs": "https://files.example.org/root.tar.xz", "dtb": "https://files.example.org/my-board.dtb"},
  "tests": [{"id": "up", "type": "boot", "depends": [], "timeout_s": 60, "pre-commands": ["date"], "post-commands": []},
            {"id": "alsa", "type": "kselftest-alsa", "timeout_s": 1800},
            {"id": "ltp", "type": "ltp", "timeout_s": 3600, "parameters": "tst_cmdfiles=smoketest skip_install=true"}],
  "environment": {"platform": "my-board", "arch": "arm64", "console": {"method": "serial", "baud": 115200}},
  "callback": {"url": "https://callback.example.org/node/1", "token_name": "kernelci"},
  "integrity": {"sha256": {"_comment": "none"}}})";

PortableJob read(std::string_view text) { return read_pull_lab(config::parse_json(text), "job.json"); }

Recipe board(const std::string& name, const std::string& architecture) {
    Recipe recipe;
    recipe.name = recipe.device_type = name;
    recipe.architecture = architecture;
    recipe.method = "u-boot";
    recipe.kernel_type = "image";
    recipe.roots = {Root::nfs, Root::ramdisk, Root::own};
    return recipe;
}

TEST(PullLab, IsReadAsAPortableJob) {
    const auto job = read(job_text);
    EXPECT_THAT(job.where, ElementsAre("my-board"));
    EXPECT_EQ(job.name, "up alsa ltp on my-board");
    EXPECT_EQ(job.artifacts.at("arm64").rootfs->url, "https://files.example.org/root.tar.xz");
    ASSERT_EQ(job.tests.size(), 3u);
    EXPECT_EQ(job.tests[0].timeout, std::chrono::seconds{60});
    const auto parameters = *job.tests[1].definition.find("parameters");
    EXPECT_EQ(config::text_or_empty(parameters.find("TST_CMDFILES")), "alsa");
    EXPECT_EQ(config::text_or_empty(parameters.find("TESTPROG_URL")), "https://files.example.org/kselftest.tar.xz");
    EXPECT_EQ(config::text_or_empty(job.tests[2].definition.find("parameters")->find("SKIP_INSTALL")), "true");
    const auto text = config::dump_yaml(lower(job, board("my-board", "arm64")));
    EXPECT_THAT(text, HasSubstr("- date\n"));
    EXPECT_THAT(text, HasSubstr("token: kernelci\n"));
    EXPECT_NO_THROW(read_submission(text)) << text;
}

TEST(PullLab, SaysWhatItDoesNotKnow) {
    try {
        read(R"({"artifacts": {"kernel": "http://x/Image"}, "environment": {"platform": "p", "arch": "arm64"},
                 "tests": [{"id": "x", "type": "perf"}, {"id": "y", "type": "ltp", "pre-commands": ["a"]}]})");
        FAIL();
    } catch (const ConfigurationError& error) {
        EXPECT_THAT(error.what(), HasSubstr("'perf' is not known here"));
        EXPECT_THAT(error.what(), HasSubstr("commands around a test"));
    }
}

TEST(PullLab, IsToldFromOthers) {
    EXPECT_TRUE(is_pull_lab(config::parse_json(job_text)));
    EXPECT_FALSE(is_pull_lab(config::parse_yaml(portable_text("environment: {A: b}\n"))));
    EXPECT_FALSE(is_pull_lab(config::parse_yaml("job_name: x\n")));
}

TEST(PullLab, OfKernelCiIsLowered) {
    const char* corpus = std::getenv("PATCHBAY_CORPUS");
    if (!corpus) GTEST_SKIP() << "PATCHBAY_CORPUS is not set: no jobs of KernelCI to read";
    std::size_t lowered = 0;
    for (const auto& entry : std::filesystem::directory_iterator{std::filesystem::path{corpus} / "pull_labs"}) {
        if (entry.path().extension() != ".json") continue;
        std::ostringstream text;
        text << std::ifstream{entry.path()}.rdbuf();
        const auto document = config::parse_json(text.str());
        ASSERT_TRUE(is_pull_lab(document)) << entry.path();
        const auto job = read_pull_lab(document, entry.path().filename());
        const auto& platform = job.where.front();
        const auto* machine = built_in_recipe(platform);
        const auto recipe = machine ? *machine : board(platform, job.artifacts.begin()->first);
        EXPECT_NO_THROW(read_submission(config::dump_yaml(lower(job, recipe)))) << entry.path();
        ++lowered;
    }
    std::cout << lowered << " jobs of KernelCI lowered\n";
    EXPECT_GT(lowered, 0u);
}

}  // namespace
}  // namespace patchbay::testing
