// SPDX-License-Identifier: Apache-2.0
#include "daemon/attach/remote_definition.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

constexpr auto smoke = R"(job_name: smoke
device_type: of-the-server
priority: high
visibility: public
compatibility: 0
tags: [only, there]
timeouts: {job: {minutes: 5}, queue: {minutes: 1}}
metadata: {build: 7}
actions:
- boot: {method: minimal}
)";

class RemoteDefinitionTest : public ::testing::Test {
protected:
    AttachSettings settings = [] {
        AttachSettings attach;
        attach.name = "kernel-lab";
        attach.server = "https://lava.example.com";
        attach.devices = {{"theirs", "ours"}, {"theirs-2", "ours-2"}};
        attach.priority = 7;
        return attach;
    }();
    std::map<std::string, std::string> types{{"ours", "board"}, {"ours-2", "qemu"}};
    RemoteDefinition read(const std::string& definition, const std::string& device = "hostname: theirs\n") {
        return read_remote_definition({definition, device}, 64, settings, types);
    }
};

TEST_F(RemoteDefinitionTest, IsAJobOfOurQueueForTheDeviceThatTheConfigurationSays) {
    const auto remote = read(smoke);
    EXPECT_EQ(remote.problem, "");
    EXPECT_EQ(remote.ours, "ours");
    EXPECT_EQ(remote.job.requested_device_type, "board");
    EXPECT_EQ(remote.job.description, "smoke");
    EXPECT_EQ(remote.job.priority, 7);
    EXPECT_EQ(remote.job.visibility, Visibility::everyone);
    EXPECT_EQ(remote.job.run_limit, std::chrono::minutes{5});
    EXPECT_EQ(remote.job.queue_timeout, std::nullopt);
    EXPECT_EQ(remote.job.metadata, R"({"build":"7"})");
    EXPECT_EQ(remote.job.original_definition, smoke);
    EXPECT_FALSE(remote.job.health_check);
    EXPECT_EQ(read(smoke, "hostname: theirs-2\n").job.requested_device_type, "qemu");
}

TEST_F(RemoteDefinitionTest, TellsNobodyForTheServer) {
    const auto remote = read(std::string{smoke} + "notify: {criteria: {status: all}, callback: {url: 'http://x/'}}\n");
    EXPECT_EQ(remote.job.definition.find("notify"), std::string::npos);
}

TEST_F(RemoteDefinitionTest, WithSecretsIsSeenByItsUserOnly) {
    EXPECT_EQ(read(std::string{smoke} + "secrets: {a: b}\n").job.visibility, Visibility::personal);
    EXPECT_EQ(read(std::string{smoke} + "- deploy: {images: {rootfs: {url: 'http://x/', headers: {PRIVATE: s}}}}\n")
                  .job.visibility,
              Visibility::personal);
    std::string grouped = smoke;
    grouped.replace(grouped.find("public"), 6, "{group: [x]}");
    EXPECT_EQ(read(grouped).job.visibility, Visibility::personal);
}

TEST_F(RemoteDefinitionTest, WithoutADeviceOfOursIsRefusedWithTheNextStep) {
    const auto other = read(smoke, "hostname: third\n");
    EXPECT_EQ(other.error_type, "Configuration");
    EXPECT_EQ(other.problem,
              "job 64 of https://lava.example.com cannot run here: device 'third' is not among the devices of "
              "attachment kernel-lab; add it to the configuration of patchbayd");
    EXPECT_EQ(read(smoke, "").error_type, "Configuration");
    const RemoteJobFiles told{smoke, "", "theirs-2"};
    EXPECT_EQ(read_remote_definition(told, 64, settings, types).ours, "ours-2");
    settings.devices.erase("theirs-2");
    EXPECT_EQ(read(smoke, "").ours, "ours");
}

TEST_F(RemoteDefinitionTest, ThatCannotBecomeAJobKeepsItsTextForWhoLooks) {
    const auto remote = read("actions: [");
    EXPECT_EQ(remote.error_type, "Job");
    EXPECT_EQ(remote.job.definition, "actions: [");
    EXPECT_EQ(remote.job.visibility, Visibility::personal);
    EXPECT_EQ(read(std::string(300'000, '[')).job.definition, "");
}

}  // namespace
}  // namespace patchbay
