// SPDX-License-Identifier: Apache-2.0
#include "devices/capability/console.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/deploy/device_environment.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"

namespace patchbay {
namespace {

class ExpectShell final : public Action {
public:
    ExpectShell() : Action{"expect-shell-connection", "expect a shell prompt"} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        auto& console = job.console(block());
        const auto prompts = block_prompts(block());
        console.prompts = prompts;
        job.log.debug("Forcing a shell prompt, looking for " + python_list(prompts));
        console.take_buffered();
        co_await console.send_line("");
        job.log.debug(name() + ": Wait for prompt " + python_list(prompts) + " (timeout " +
                      format_hms(deadline.left() + 500ms) + ")");
        const auto patterns = PatternSet::of(prompts);
        auto warn = [&job](std::string text) { job.log.warning(text); };
        co_await console.wait_forced(patterns, deadline, warn);
        console.answered = Clock::now();
    }
};

/// The variables of the lab's env-dut, for this shell and those that the target starts later.
class ExportDeviceEnv final : public Action {
public:
    ExportDeviceEnv() : Action{"export-device-env", "export the environment of the device"} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        co_await export_environment(job, deadline);
        co_await export_nfs(job, deadline);
    }

private:
    Task<> export_environment(JobContext& job, Deadline deadline) {
        const auto variables = device_environment(job.settings.env_dut);
        if (variables.empty()) co_return;
        const auto* data = deployment_data(job.os_of(ns()));
        const std::string rc_file{data ? data->rc_file : "~/.bashrc"};
        auto& console = job.console(block());
        for (const auto& [name, value] : variables) {
            co_await console.command(export_command(name, value, rc_file), deadline.at_most(connection_timeout()));
        }
        co_await console.command(". " + rc_file, deadline.at_most(connection_timeout()));
    }

    /// Tests find by these what their root is.
    Task<> export_nfs(JobContext& job, Deadline deadline) {
        const auto& boot = job.state(ns()).boot;
        if (boot.nfs_root.empty()) co_return;
        auto& console = job.console(block());
        co_await console.command("export NFS_ROOTFS='" + boot.nfs_root + "'", deadline.at_most(connection_timeout()));
        co_await console.command("export NFS_SERVER_IP='" + boot.nfs_server + "'",
                                 deadline.at_most(connection_timeout()));
    }
};

}  // namespace

ActionPtr make_expect_shell() { return std::make_unique<ExpectShell>(); }
ActionPtr make_export_device_env() { return std::make_unique<ExportDeviceEnv>(); }

std::vector<std::string> block_prompts(const ActionBlock& block) {
    std::vector<std::string> prompts;
    const auto* value = block.parameters.find("prompts");
    if (!value) return prompts;
    if (const auto* one = value->as_string()) prompts.push_back(*one);
    if (const auto* list = value->as_list()) {
        for (const auto& item : *list) {
            if (const auto* text = item.as_string()) prompts.push_back(*text);
        }
    }
    return prompts;
}

bool is_set(const ActionBlock& block, std::string_view key, bool otherwise) {
    const auto* value = block.parameters.find(key);
    const auto* flag = value ? value->as_bool() : nullptr;
    return flag ? *flag : otherwise;
}

void add_boot_tail(Action& boot, const ActionBlock& block, const JobContext& job, Booting booting) {
    if (!block.parameters.contains("prompts")) return;
    boot.add(make_auto_login(booting));
    if (!test_needs(job.definition, block.name_space).shell) return;
    boot.add(make_expect_shell());
    if (block.parameters.contains("transfer_overlay")) boot.add(make_overlay_unpack());
    boot.add(make_export_device_env());
}

}  // namespace patchbay
