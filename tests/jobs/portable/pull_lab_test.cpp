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
using ::testing::IsEmpty;

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

PortableJob read(std::string_view text) {
    std::vector<std::string> unused;
    return read_pull_lab(config::parse_json(text), "job.json", unused);
}

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

std::string with(std::string_view what, const std::string& instead) {
    std::string text{job_text};
    return text.replace(text.find(what), what.size(), instead);
}

TEST(PullLab, ChecksWhatItDownloadsByItsIntegrity) {
    const std::string a(64, 'a'), b(64, 'B'), c(128, 'c');
    const auto job =
        read(with(R"({"sha256": {"_comment": "none"}})", R"({"sha256": {"kernel": ")" + a + R"(", "root.tar.xz": ")" +
                                                             b + R"("}, "sha512": {"kernel": ")" + c + R"("}})"));
    const auto& files = job.artifacts.at("arm64");
    EXPECT_EQ(config::text_or_empty(files.kernel->keys.find("sha256sum")), a);
    EXPECT_EQ(config::text_or_empty(files.kernel->keys.find("sha512sum")), c);
    EXPECT_EQ(config::text_or_empty(files.rootfs->keys.find("sha256sum")), b) << "by the name of the file";
    EXPECT_FALSE(files.modules->keys.contains("sha256sum"));
    const auto deploy = config::dump_yaml(lower(job, board("my-board", "arm64")));
    EXPECT_THAT(deploy, HasSubstr("sha256sum: " + a));
    EXPECT_NO_THROW(read_submission(deploy)) << deploy;
    try {
        read(with(R"({"_comment": "none"})", R"({"kernel": "12"})"));
        FAIL();
    } catch (const ConfigurationError& error) {
        EXPECT_THAT(error.what(), HasSubstr("job.json:10:38: integrity.sha256.kernel: must be 64 hexadecimal digits"));
    }
}

TEST(PullLab, SaysWhatItCouldNotUse) {
    std::vector<std::string> unused;
    auto text = with(R"({"_comment": "none"})", R"({"firmware": ")" + std::string(64, 'a') + R"("})");
    text.replace(text.find(R"("depends": [])"), 13, R"("depends": ["x"], "retries": 2)");
    text.replace(text.find(R"("environment")"), 0, R"("priority": 5, )");
    read_pull_lab(config::parse_json(text), "job.json", unused);
    EXPECT_THAT(unused,
                ElementsAre(HasSubstr("tests[0].depends: is not used here: the tests run in their order"),
                            HasSubstr("tests[0].retries: is not used here"), "job.json:8:3: priority: is not used here",
                            HasSubstr("integrity.sha256.firmware: is not used here: no download")));
    read_pull_lab(config::parse_json(job_text), "job.json", unused);
    EXPECT_THAT(unused, IsEmpty());
}

TEST(PullLab, GivesEachTestTheParametersOfTheJob) {
    const auto job = read(with(R"("environment")", R"("parameters": {"RUNNER": "/opt/kirk", "SKIP_INSTALL": "no"},
        "environment")"));
    const auto parameter = [&job](std::size_t test, const char* name) {
        const auto* parameters = job.tests[test].definition.find("parameters");
        return parameters ? config::text_or_empty(parameters->find(name)) : "";
    };
    EXPECT_EQ(parameter(1, "RUNNER"), "/opt/kirk");
    EXPECT_EQ(parameter(2, "RUNNER"), "/opt/kirk");
    EXPECT_EQ(parameter(2, "SKIP_INSTALL"), "true") << "the test's own goes before";
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
        std::vector<std::string> unused;
        const auto job = read_pull_lab(document, entry.path().filename(), unused);
        EXPECT_THAT(unused, IsEmpty()) << entry.path();
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
