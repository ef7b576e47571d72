// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/lease_files.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/config/yaml.hpp"
#include "tests/daemon/store/temporary_store.hpp"
#include "tests/support/run.hpp"

namespace patchbay {
namespace {

using namespace testing;

class LeaseFilesTest : public ::testing::Test {
protected:
    TemporaryFolder folder;
    TemporaryStore lab;
    LeaseRow lease;
    JobRow job;
    DeviceRow device;
    Settings settings;
    LeaseFilesTest() {
        lease.id.value = 7;
        lease.job.value = 42;
        lease.device = device.hostname = "qemu-01";
        lease.fence.value = 12;
        device.device_type = "qemu";
        device.configuration = R"({"driver": "qemu", "variables": {"arch": "amd64", "memory": 256}})";
        job.definition = "job_name: smoke\ncontext:\n  arch: amd64\n";
        settings.state_dir = folder.path / "state";
        settings.allowed_file_paths = {"/srv/images"};
        settings.env_dut = config::parse_yaml("{overrides: {PROXY: x}}");
        complete(settings);
    }
    config::Value read(const std::string& name) {
        std::ifstream file{folder.path / "7" / name};
        return config::parse_yaml(std::string{std::istreambuf_iterator<char>{file}, {}});
    }
    std::int64_t first_log_line = 0;
    std::string device_text() {
        asio::io_context io;
        asio::thread_pool workers{1};
        return run(io, device_yaml(device, job.definition, folder.path / "7", lab.reader(), settings, workers));
    }
    void write() { write_lease_files(folder.path / "7", lease, job, device_text(), first_log_line, settings, "0123"); }
};

TEST_F(LeaseFilesTest, TheFolderSaysEverythingThatTheRunnerNeeds) {
    first_log_line = 17;
    write();
    write();  // a daemon that died in between starts over
    const auto written = read("lease.json");
    EXPECT_EQ(*written.find("lease")->as_int(), 7);
    EXPECT_EQ(*written.find("job")->as_int(), 42);
    EXPECT_EQ(*written.find("display_id")->as_string(), "42");
    EXPECT_EQ(*written.find("device")->as_string(), "qemu-01");
    EXPECT_EQ(*written.find("fence")->as_int(), 12);
    EXPECT_EQ(*written.find("store")->as_string(), "0123");
    EXPECT_EQ(*written.find("first_log_line")->as_int(), 17);
    EXPECT_EQ(*read("job.yaml").find("job_name")->as_string(), "smoke");
    EXPECT_TRUE(read("device.yaml").find("actions"));
    const auto runner = read("runner.yaml");
    EXPECT_EQ(*runner.find("state_dir")->as_string(), settings.state_dir.string());
    EXPECT_EQ(*runner.find("download_dir")->as_string(), (folder.path / "7" / "tmp").string());
    EXPECT_EQ(*runner.find("allowed_file_paths")->as_list()->at(0).as_string(), "/srv/images");
    EXPECT_EQ(*runner.find("allowed_url_networks")->as_list()->at(0).as_string(), "private");
    EXPECT_EQ(*runner.find("trusted_jobs")->as_bool(), false);
    EXPECT_EQ(*runner.find("unpack_limit")->as_int(), settings.unpack_limit);
    EXPECT_EQ(*runner.find("log_limit")->as_int(), settings.log_limit);
    EXPECT_TRUE(runner.find("env_dut")->find("overrides"));
    EXPECT_EQ(*runner.find("version")->as_string(), "2023.01");
    const auto rights = std::filesystem::status(folder.path / "7").permissions();
    EXPECT_EQ(rights & std::filesystem::perms::others_all, std::filesystem::perms::none) << "definitions carry secrets";
}

TEST_F(LeaseFilesTest, AFileThatWasCutOffAnywhereIsNoticed) {
    write();
    const auto lease_folder = folder.path / "7";
    EXPECT_TRUE(lease_files_are_whole(lease_folder));
    for (const std::string name : {"lease.json", "device.yaml", "runner.yaml"}) {
        const auto size = std::filesystem::file_size(lease_folder / name);
        for (auto left = size; left-- > 0;) {
            if (left % 64 != 0 && left + 70 < size) continue;  // each of the last lines, and some places before them
            std::filesystem::resize_file(lease_folder / name, left);
            EXPECT_FALSE(lease_files_are_whole(lease_folder)) << name << " of " << left << " bytes";
        }
        write();
    }
}

TEST_F(LeaseFilesTest, TheDeviceSaysWhatSwitchingItOffMayTake) {
    EXPECT_EQ(power_off_time(folder.path / "7"), 0s);
    device.configuration = R"({"driver": "qemu", "variables": {"arch": "amd64", "action_timeout_power_off": 900}})";
    write();
    EXPECT_EQ(power_off_time(folder.path / "7"), 900s);
}

TEST_F(LeaseFilesTest, AnArchitectureThatNobodyKnowsIsTheJobsFault) {
    device.configuration = R"({"driver": "qemu", "variables": {}})";
    job.definition = "context: {arch: pdp11}\n";
    EXPECT_THROW(write(), JobError);
}

TEST_F(LeaseFilesTest, ADictionaryIsRenderedForTheJob) {
    settings.templates = {folder / "templates"};
    std::filesystem::create_directory(folder / "templates");
    std::ofstream{folder / "templates/board.jinja2"}
        << "hostname: {{ scheduled_device_name }}\ncommands: {hard_reset: {{ reset }}}\nconstants: {}\n"
           "parameters: {args: '{{ extra_kernel_args }}'}\nactions: {}\ntimeouts: {}\n"
           "{% if model %}\nenvironment: {A: {{ model }}}\n{% endif %}\n";
    std::ofstream{folder / "board-01.jinja2"} << "{% extends 'board.jinja2' %}{% set reset = 'relay 1' %}";
    lease.device = device.hostname = "board-01";
    device.configuration = R"({"dictionary": ")" + (folder / "board-01.jinja2").string() + R"("})";
    job.definition = "context: {extra_kernel_args: quiet}\n";
    write();
    EXPECT_EQ(*read("device.yaml").find("parameters"), (config::Map{{"args", "quiet"}}));
    EXPECT_EQ(*read("device.yaml").find("commands"), (config::Map{{"hard_reset", "relay 1"}}));
    job.definition = "context: {model: b}\n";
    EXPECT_THROW(write(), JobError);
    job.definition = "context: {extra_kernel_args: \"a'}\\ncommands: {hard_reset: reboot\"}\n";
    EXPECT_THROW(write(), JobError);
    job.definition = "context: {extra_kernel_args: \"it's\"}\n";
    EXPECT_THROW(write(), JobError) << "what is no YAML with the context is the job's fault";
    std::filesystem::remove(folder / "templates/board.jinja2");
    EXPECT_THROW(write(), ConfigurationError);
}

TEST_F(LeaseFilesTest, AStoredConfigurationThatIsBrokenIsTheLabs) {
    device.configuration = "{";
    EXPECT_THROW(write(), ConfigurationError);
}

TEST_F(LeaseFilesTest, AFolderThatCannotBeMadeIsNamed) {
    std::ofstream{folder.path / "file"};
    try {
        write_lease_files(folder.path / "file" / "7", lease, job, device_text(), 0, settings, "0123");
        FAIL();
    } catch (const InfrastructureError& error) {
        EXPECT_NE(std::string{error.what()}.find((folder.path / "file" / "7").string()), std::string::npos);
    }
}

TEST_F(LeaseFilesTest, TheRunnerAloneGetsTheValuesOfRemoteArtifactTokensAndIsToldToMaskThem) {
    job.definition =
        "actions:\n- deploy:\n    images:\n      kernel:\n        headers:\n          Authorization: nexus\n"
        "        url: http://example/kernel\njob_name: smoke\n";
    write_lease_files(folder.path / "7", lease, job, device_text(), 0, settings, "0123", {{"nexus", "Bearer s3cr3t"}});
    const auto text = [this](const std::string& name) {
        std::ifstream file{folder.path / "7" / name};
        return std::string{std::istreambuf_iterator<char>{file}, {}};
    };
    EXPECT_NE(text("job.yaml").find("Authorization: Bearer s3cr3t"), std::string::npos);
    EXPECT_EQ(*read("runner.yaml").find("masked"), (config::Value{config::List{"Bearer s3cr3t"}}));
    for (const std::string other : {"lease.json", "device.yaml"})
        EXPECT_EQ(text(other).find("s3cr3t"), std::string::npos) << other;
    EXPECT_EQ(std::filesystem::status(folder.path / "7").permissions() & std::filesystem::perms::others_all,
              std::filesystem::perms::none);
    write();
    EXPECT_FALSE(read("runner.yaml").find("masked"));
}

}  // namespace
}  // namespace patchbay
