// SPDX-License-Identifier: Apache-2.0
// deploy: {to: overlay}: only the overlay, for a system that is there, with boot's transfer_overlay; and deploy: {to:
// ssh}, which copies it over ssh at boot (lava_dispatcher/actions/deploy/overlay.py, ssh.py).
#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/overlay/overlay_formats.hpp"

namespace patchbay {
namespace {

class ScpOverlay final : public BoardDeployAction {
public:
    explicit ScpOverlay(std::string os)
        : BoardDeployAction{"scp-overlay", "prepare the overlay for a running system", std::move(os)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (!test_needs(job.definition, ns()).overlay) errors.push_back("Scp overlay needs a test action.");
        co_await BoardDeployAction::validate(job, errors);
    }
};

/// extract-rootfs: a root file system for whoever wants it on this host; LAVA unpacks it and does no more with it.
class Unpacked final : public Action {
public:
    Unpacked(std::string name, std::string key) : Action{std::move(name), "unpack '" + key + "'"}, key_{key} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline) override {
        const auto& files = job.state(ns()).boot.files;
        const auto file = files.find(key_);
        if (file == files.end()) co_return;
        UnpackOptions options;
        options.shown = file->second.filename().string();
        co_await unpack(job, file->second, job.directory / (name() + "-" + level()), std::move(options));
    }

private:
    std::string key_;
};

class PrepareScpOverlay final : public Action {
public:
    PrepareScpOverlay() : Action{"prepare-scp-overlay", "unpack what was downloaded"} {
        add<Unpacked>("extract-rootfs", "rootfs");
        add<Unpacked>("extract-modules", "modules");
    }
};

}  // namespace

ActionPtr build_deploy_overlay(const ActionBlock& block, const JobContext& job) {
    return make_lava_overlay_if_needed(block, job);
}

ActionPtr build_deploy_ssh(const ActionBlock& block, const JobContext& job) {
    auto deploy = std::make_unique<ScpOverlay>(config::string_or_empty(block.parameters.find("os")));
    deploy->add(make_lava_overlay_if_needed(block, job));
    for (const auto* key : {"firmware", "kernel", "dtb", "rootfs", "modules"}) {
        const auto* map = block.parameters.find(key);
        if (!map) continue;
        DownloadTarget target;
        target.deploy = "scp-overlay";
        target.received = [name = std::string{key}](NamespaceState& state, std::filesystem::path file) {
            state.boot.files[name] = std::move(file);
        };
        deploy->add(make_download(key, *map, std::move(target)));
    }
    deploy->add<PrepareScpOverlay>();
    deploy->add(make_deploy_device_env());
    return deploy;
}

}  // namespace patchbay
