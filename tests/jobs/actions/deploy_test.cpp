// SPDX-License-Identifier: Apache-2.0
// Before a machine boots: what is wrong with a job is said before anything is touched; images come by file://.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string deploy_of(const std::string& images) {
    return "- deploy:\n    to: tmpfs\n    timeout: {minutes: 1}\n    images:\n" + images;
}

struct Deploy : ::testing::Test {
    SimJob job;
    Deploy() { job.board->boot = {say("Linux version 6.1\r\n"), say_prompt()}; }
    void TearDown() override {
        EXPECT_FALSE(job.board->powered);
        EXPECT_EQ(job.sink.job_results(), 1u);
        EXPECT_FALSE(std::filesystem::exists(job.directory()));
    }
};

TEST_F(Deploy, OfAMissingImageFailsBeforeAnythingRuns) {
    job.definition =
        job_text(deploy_of("      kernel: {url: 'file://@FOLDER@/no-such-kernel', image_arg: '-kernel {kernel}'}\n") +
                 boot_block());
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, StartsWith("Invalid job data: ["));
    EXPECT_THAT(outcome.error_msg, HasSubstr("no-such-kernel"));
    EXPECT_EQ(outcome.error_msg.back(), '\n');
    EXPECT_THAT(job.sink.cases(), ElementsAre("lava/validate fail", "lava/job fail"));
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(Deploy, ListsAllThatIsWrong) {
    job.definition =
        job_text(deploy_of("      kernel: {url: 'file://@FOLDER@/none'}\n      other: {url: 'file:///etc/passwd'}\n") +
                 boot_block("    auto_login: {login_prompt: 'login:'}\n"));
    const auto outcome = job.run();
    EXPECT_THAT(outcome.error_msg, HasSubstr("/none"));
    EXPECT_THAT(outcome.error_msg, HasSubstr("/etc/passwd"));
    EXPECT_THAT(outcome.error_msg, HasSubstr("'username' is mandatory for auto_login"));
}

TEST_F(Deploy, OfABootMethodThatTheDeviceLacksIsRefused) {
    job.definition = job_text("- boot: {method: u-boot, prompts: ['#']}\n");
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_EQ(outcome.error_msg,
              "None of the Base-boot strategies accepted your deployment parameters, reasons given:\n"
              "u-boot: \"u-boot\" is not in the device's boot methods");
}

TEST(MissingMethod, OfLavaIsNamedWithTheWayOut) {
    const auto refusal = [](const std::string& actions) {
        SimJob other;
        other.definition = job_text(actions);
        return other.run().error_msg;
    };
    for (const std::string to : {"avh", "lxc"}) {
        EXPECT_THAT(refusal("- deploy: {to: " + to + "}\n"),
                    StartsWith("the deploy method '" + to + "' is not available here; "));
    }
    for (const std::string method : {"avh", "lxc", "nodebooter", "schroot"}) {
        EXPECT_THAT(refusal("- boot: {method: " + method + ", prompts: ['#']}\n"),
                    StartsWith("the boot method '" + method + "' is not available here; "));
    }
}

TEST(DeployOfANamespace, ThatLeadsToAnotherFolderIsRefused) {
    for (const std::string name : {"/etc", "../../../../etc", "..", ".", "a,source=/etc", "a b"}) {
        SimJob other;
        other.definition = job_text("- deploy: {namespace: '" + name +
                                    "', to: tmpfs, images: {kernel: {url: 'downloads://hostname'}}}\n");
        EXPECT_THAT(other.run().error_msg, StartsWith("'" + name + "' cannot be a namespace"));
    }
}

TEST(DownloadsOfANamespace, ThatLeadToAnotherFolderAreRefused) {
    for (const std::string name : {"/", "..", "a,source=/etc"}) {
        SimJob other;
        other.description.boot_methods.set("docker", config::Value{});
        other.definition =
            job_text(deploy_block() + "- boot: {method: docker, command: sh, downloads-namespace: '" + name + "'}\n");
        EXPECT_THAT(other.run().error_msg, StartsWith("'" + name + "' cannot be a namespace"));
    }
}

TEST(ConnectionOfANamespace, ThatIsNoNameIsRefused) {
    SimJob other;
    other.definition = job_text(deploy_block() + boot_block("    connection-namespace: '../x'\n"));
    EXPECT_THAT(other.run().error_msg, StartsWith("'../x' cannot be a namespace"));
}

TEST_F(Deploy, OfFirmwareWithOverlaysIsRefused) {
    job.definition = job_text(deploy_block() + "    uefi: {url: 'file://@FOLDER@/kernel', overlays: {lava: true}}\n");
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("'uefi' is firmware and cannot hold overlays"));
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(Deploy, OfNamespacesBesideTheCommonOneIsRefused) {
    job.definition = job_text(deploy_block() + boot_block("    namespace: other\n"));
    auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, StartsWith("'common' is a reserved namespace that cannot be used beside 'other'"));
    EXPECT_THAT(job.sink.cases(), ElementsAre("lava/validate fail", "lava/job fail"));
}

TEST_F(Deploy, OfTestsFromAForbiddenFolderIsRefused) {
    job.definition = job_text(deploy_block() + boot_block() +
                              "- test:\n    timeout: {minutes: 1}\n    definitions:\n"
                              "    - {from: git, name: g, path: t.yaml, repository: /srv/secret}\n");
    EXPECT_THAT(job.run().error_msg, HasSubstr("'file:///srv/secret' is not below a folder that jobs may read here"));
    EXPECT_EQ(job.board->boots, 0);
}

TEST(DeployOfADrive, LargerThanTheLimitIsRefused) {
    for (const std::string size : {"1025", "99999999999999", "-1", "0", "many", "[1]"}) {
        SimJob job;
        job.settings.unpack_limit = std::uint64_t{1} << 30;
        job.description.deploy_methods.set(
            "image", config::parse_yaml("{parameters: {guest: {size: " + size + ", interface: virtio}}}"));
        job.definition = job_text(deploy_of("      kernel: {url: 'file://@FOLDER@/kernel'}\n") + test_block("smoke"));
        EXPECT_THAT(job.run().error_msg, HasSubstr("guestfs_size is '" + size +
                                                   "'; it must be a number of MB from 1 to 1024: the limit of this "
                                                   "lab is 1073741824 bytes"));
    }
}

TEST_F(Deploy, WarnsOfATimeThatTheJobDoesNotHave) {
    job.definition =
        job_text("- boot: {method: qemu, media: tmpfs, prompts: ['root@pb-guest:'], timeout: {hours: 1}}\n");
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.sink.texts("warning"), ElementsAre("Action timeout for boot-image-retry exceeds Job timeout"));
}

TEST_F(Deploy, OnlyValidatedTouchesNothing) {
    job.extent = JobExtent::validate;
    job.definition = job_text(deploy_block() + boot_block());
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(job.board->boots, 0);
    EXPECT_THAT(job.sink.cases(), ElementsAre("lava/validate pass", "lava/job pass"));
}

TEST_F(Deploy, OfWrongBytesStopsTheJobAndSwitchesOff) {
    job.definition = job_text(
        deploy_of("      kernel: {url: 'file://@FOLDER@/kernel', md5sum: d41d8cd98f00b204e9800998ecf8427e}\n") +
        boot_block());
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("does not match"));
    EXPECT_THAT(job.sink.cases(), ElementsAre("lava/validate pass", "lava/file-download fail",
                                              "lava/download-retry fail", "lava/deployimages fail", "lava/job fail"));
    EXPECT_EQ(job.board->boots, 0);
    EXPECT_EQ(job.board->offs, 2);  // power-off, and the safe state
}

TEST_F(Deploy, HandsTheImagesToTheMachineInTheOrderOfTheJob) {
    job.definition =
        job_text(deploy_of("      zImage: {url: 'file://@FOLDER@/kernel', image_arg: '-kernel {zImage}'}\n"
                           "      disk: {url: 'file://@FOLDER@/initrd', image_arg: '-drive file={disk} -m 512'}\n") +
                 boot_block());
    EXPECT_TRUE(job.run().passed());
    const auto& command = job.board->commands.at(0);
    ASSERT_EQ(command.size(), 7u);
    EXPECT_EQ(command[1], "-kernel");
    EXPECT_EQ(command[3], "-drive");
    EXPECT_THAT(command[4], HasSubstr("/initrd"));
    EXPECT_EQ(command[6], "512");
}

std::size_t blobs(const SimJob& job) {
    std::filesystem::directory_iterator blobs{job.settings.cache_dir / "blobs"};
    return static_cast<std::size_t>(std::distance(begin(blobs), end(blobs)));
}

TEST_F(Deploy, ALocalKernelIsCopiedOnceForAllJobs) {
    job.definition =
        job_text(deploy_of("      k: {url: 'file://@FOLDER@/kernel', image_arg: '-kernel {k}'}\n") + boot_block());
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(blobs(job), 1u);
}

TEST_F(Deploy, AnImageThatTheMachineMayWriteToIsTheJobsOwn) {
    job.definition =
        job_text(deploy_of("      k: {url: 'file://@FOLDER@/kernel', image_arg: '-kernel {k} -drive file={k}'}\n"
                           "      d: {url: 'file://@FOLDER@/initrd', image_arg: '-drive file={d}'}\n") +
                 boot_block());
    EXPECT_TRUE(job.run().passed());
    EXPECT_EQ(blobs(job), 0u);
}

// --- time-outs -------------------------------------------------------------------------------------------------------

struct Rule {
    const char* name;
    const char* job;     // keys of the job's timeouts
    const char* device;  // seconds of the device's time-out for login-action; 0: none
    const char* block;   // keys of the boot block
    int expected;
};

class ActionTimeout : public ::testing::TestWithParam<Rule> {};

const config::Value* find_action(const config::Value& node, const std::string& name) {
    const auto* own = node.find("name");
    if (own && *own == config::Value{name}) return &node;
    const auto* below = node.find("pipeline");
    if (!below) return nullptr;
    for (const auto& child : *below->as_list()) {
        if (const auto* found = find_action(child, name)) return found;
    }
    return nullptr;
}

TEST_P(ActionTimeout, ComesFromTheMostSpecificPlace) {
    const auto& rule = GetParam();
    SimJob job;
    job.extent = JobExtent::validate;
    job.definition =
        job_text("- boot:\n    method: qemu\n    media: tmpfs\n    prompts: ['#']\n" + std::string{rule.block},
                 "timeouts: {job: {minutes: 10}" + std::string{rule.job} + "}\n");
    job.description.action_timeouts.clear();
    const auto seconds = std::stoi(rule.device);
    if (seconds) job.description.action_timeouts["login-action"] = std::chrono::seconds{seconds};
    job.run();
    const auto* action = find_action(job.described, "login-action");
    ASSERT_NE(action, nullptr);
    EXPECT_EQ(*action->find("timeout")->as_int(), rule.expected);
}

INSTANTIATE_TEST_SUITE_P(
    Precedence, ActionTimeout,
    ::testing::Values(
        Rule{"nothing", "", "0", "", 30}, Rule{"job_action", ", action: {seconds: 40}", "0", "", 40},
        Rule{"device", ", action: {seconds: 40}", "50", "", 50},
        Rule{"block", ", action: {seconds: 40}", "50", "    timeout: {seconds: 60}\n", 60},
        Rule{"job_named", ", actions: {login-action: {seconds: 70}}", "50", "    timeout: {seconds: 60}\n", 70},
        Rule{"block_named", ", actions: {login-action: {seconds: 70}}", "50",
             "    timeout: {seconds: 60}\n    timeouts: {login-action: {seconds: 80}}\n", 80},
        Rule{"another_name", ", actions: {power-off: {seconds: 70}}", "0", "    timeout: {seconds: 60}\n", 60},
        Rule{"sum_of_units", "", "0", "    timeout: {minutes: 1, seconds: 5}\n", 65},
        Rule{"zero_is_the_default", "", "0", "    timeout: {seconds: 0}\n", 30}),
    [](const auto& rule) { return rule.param.name; });

/// A million files of one archive: a tar repeated in gzip's members.
constexpr auto make_endless =
    "mkdir many && cd many && seq 2000 | xargs touch && seq 2000 | xargs tar -cf - | head -c 1024000 | gzip -9 > "
    "../one && "
    "cd .. && seq 500 | xargs -I{} cat one > bundle.tar.gz";

TEST(DeployOfAnArchiveOfTests, EndsWithItsTime) {
    SimJob job{SimJob::Time::real};
    ASSERT_EQ(std::system(("cd '" + job.folder.string() + "' && " + make_endless).c_str()), 0);
    job.definition =
        job_text(deploy_block() + boot_block() +
                     "- test:\n    timeout: {minutes: 1}\n    definitions:\n"
                     "    - {from: url, name: g, path: t.yaml, repository: 'file://@FOLDER@/bundle.tar.gz'}\n",
                 "timeouts: {job: {minutes: 2}, actions: {url-repo-action: {seconds: 2}}}\n");
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_EQ(outcome.error_msg, "url-repo-action timed out after 2 seconds");
}

TEST(DeployOfAnArchiveOfTests, IsLabelledAsInLava) {
    SimJob job{SimJob::Time::real};
    ASSERT_EQ(std::system(("cd '" + job.folder.string() + "' && echo 'run: {steps: [a]}' > t.yaml && " +
                           "tar -czf bundle.tar.gz t.yaml")
                              .c_str()),
              0);
    job.definition =
        job_text(deploy_block() +
                 "- test:\n    timeout: {minutes: 1}\n    definitions:\n"
                 "    - {from: url, name: g, path: t.yaml, repository: 'file://@FOLDER@/bundle.tar.gz'}\n");
    job.run();
    std::vector<std::string> labels;
    for (const auto& record : job.sink.records) {
        if (record.find("file-download") != std::string::npos && record.find("url_repo") != std::string::npos) {
            labels.push_back(record);
        }
    }
    EXPECT_EQ(labels.size(), 1u);
}

}  // namespace
}  // namespace patchbay::testing
