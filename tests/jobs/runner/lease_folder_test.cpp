// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/lease_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jobs/runner/lease_files.hpp"

namespace patchbay {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct LeaseFolderTest : ::testing::Test {
    TemporaryFolder folder;
    const std::filesystem::path lease = folder / "lease";
    LeaseFolderTest() { write_lease(lease, folder / "state"); }

    template <class E>
    std::string failure() {
        try {
            read_lease_folder(lease);
        } catch (const E& error) {
            return error.what();
        }
        return "";
    }
};

TEST_F(LeaseFolderTest, IsReadWithItsDefaults) {
    const auto read = read_lease_folder(lease);
    EXPECT_EQ(read.lease, LeaseId{7});
    EXPECT_EQ(read.job, JobId{42});
    EXPECT_EQ(read.fence, Fence{12});
    EXPECT_EQ(read.display_id, "42");
    EXPECT_EQ(read.device, "qemu-01");
    EXPECT_EQ(read.description.name, "qemu-01");
    EXPECT_EQ(read.settings.download_dir, lease / "tmp");
    EXPECT_EQ(read.settings.version, "9.9");
    EXPECT_FALSE(read.settings.trusted_jobs);
    EXPECT_THAT(read.settings.allowed_file_paths, ElementsAre("/srv/images"));
}

TEST_F(LeaseFolderTest, NamesTheFileThatIsMissing) {
    for (const auto* name : {"lease.json", "device.yaml", "runner.yaml"}) {
        const auto text = read_file(lease / name);
        std::filesystem::remove(lease / name);
        EXPECT_THAT(failure<InfrastructureError>(), AllOf(HasSubstr(name), HasSubstr("No such file"))) << name;
        write_file(lease / name, text);
    }
}

TEST_F(LeaseFolderTest, NamesTheFileThatIsNoYaml) {
    for (const auto* name : {"lease.json", "device.yaml", "runner.yaml"}) {
        const auto text = read_file(lease / name);
        write_file(lease / name, "{ [");
        EXPECT_THAT(failure<ConfigurationError>(), HasSubstr(name)) << name;
        write_file(lease / name, text);
    }
}

TEST_F(LeaseFolderTest, ListsAllThatIsWrongWithTheLease) {
    write_file(lease / "lease.json", R"({"lease": "seven", "job": 42, "display_id": "42", "device": 5})");
    EXPECT_THAT(failure<ConfigurationError>(), AllOf(HasSubstr("lease"), HasSubstr("fence"), HasSubstr("device")));
}

TEST_F(LeaseFolderTest, NeedsTheFoldersThatAreSharedWithOthers) {
    write_file(lease / "runner.yaml", "version: '1'\n");
    EXPECT_THAT(failure<ConfigurationError>(), AllOf(HasSubstr("state_dir"), HasSubstr("cache_dir")));
}

TEST_F(LeaseFolderTest, ProcessesOfTwoDaemonsAreToldApart) {
    write_lease(folder / "other", folder / "state");
    const auto one = scope_token(read_lease_folder(lease));
    EXPECT_EQ(one, scope_token(read_lease_folder(folder / "." / "lease")));
    EXPECT_NE(one, scope_token(read_lease_folder(folder / "other")));
    EXPECT_EQ(one.rfind("lease-7-", 0), 0u);
    EXPECT_EQ(one.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string::npos);
}

TEST(RunnerSettings, TakesTheKeysOfALavaDispatcher) {
    const auto yaml = config::parse_yaml(
        "dispatcher_ip: 10.0.0.1\ndispatcher_download_dir: /var/lib/x\nprefix: a\neth2: {}\ncache_limit: 1000\n"
        "trusted_jobs: true\n");
    const auto settings = read_settings(yaml, "dispatcher.yaml");
    EXPECT_EQ(settings.dispatcher_ip, "10.0.0.1");
    EXPECT_EQ(settings.download_dir, "/var/lib/x");
    EXPECT_EQ(settings.cache_limit, 1000u);
    EXPECT_TRUE(settings.trusted_jobs);
    EXPECT_EQ(settings.version, "2023.01");
}

TEST(RunnerSettings, OfAnEmptyFileAreTheDefaults) {
    const auto settings = read_settings(config::parse_yaml(""), "dispatcher.yaml");
    EXPECT_EQ(settings.cache_limit, std::uint64_t{20} << 30);
    EXPECT_TRUE(settings.allowed_file_paths.empty());
}

TEST(RunnerSettings, SayWhatUrlsOfJobsMayReach) {
    const auto refused = [](const char* yaml, const char* address) {
        const auto settings = read_settings(config::parse_yaml(yaml), "runner.yaml");
        return settings.addresses.refusal(asio::ip::make_address(address)).has_value();
    };
    EXPECT_FALSE(refused("", "10.0.0.1")) << "a lab's servers are in its networks";
    EXPECT_TRUE(refused("", "127.0.0.1"));
    EXPECT_FALSE(refused("allowed_url_networks: [loopback]", "127.0.0.1"));
    EXPECT_TRUE(refused("allowed_url_networks: []", "10.0.0.1"));
    EXPECT_THROW(refused("allowed_url_networks: [lan]", "10.0.0.1"), ConfigurationError);
}

TEST(RunnerSettings, ListEveryMistake) {
    const auto yaml = config::parse_yaml("cache_limit: many\ntrusted_jobs: [1]\nallowed_file_paths: 5\n");
    try {
        read_settings(yaml, "runner.yaml");
        FAIL() << "accepted";
    } catch (const ConfigurationError& error) {
        EXPECT_THAT(error.what(),
                    AllOf(HasSubstr("runner.yaml:1"), HasSubstr("runner.yaml:2"), HasSubstr("runner.yaml:3")));
    }
}

}  // namespace
}  // namespace patchbay
