// SPDX-License-Identifier: Apache-2.0
// deploy: {to: tftp}: what a boot loader fetches (lava_dispatcher/actions/deploy/tftp.py).
#include <array>

#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/deploy/tftp_server.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

constexpr auto deploy_name = "tftp-deploy";

class TftpDeploy final : public BoardDeployAction {
public:
    explicit TftpDeploy(std::string os)
        : BoardDeployAction{deploy_name, "download files and deploy using tftp", std::move(os)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        check_tftp(job, errors);
        co_await BoardDeployAction::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        co_await BoardDeployAction::run(job, deadline);
        for (const auto* key : {"ramdisk", "kernel", "dtb", "tee"}) {
            const auto& files = job.state(ns()).boot.files;
            if (const auto file = files.find(key); file != files.end()) check_size(job, file->second);
        }
    }

private:
    static void check_size(const JobContext& job, const fs::path& file) {
        const auto size = fs::file_size(file);
        if (size < job.settings.tftp_size_limit) return;
        throw JobError{"Unable to send '" + file.filename().string() + "' over tftp: file too large (" +
                       std::to_string(size) + " > " + std::to_string(job.settings.tftp_size_limit) + ")"};
    }
};

/// prepare-tftp-overlay: only orders its steps.
class PrepareTftpOverlay final : public Action {
public:
    PrepareTftpOverlay() : Action{"prepare-tftp-overlay", "put overlay and modules into ramdisk or NFS root"} {}
};

/// In the order in which LAVA downloads, whatever the order in the job.
void add_downloads(Action& deploy, const ActionBlock& block, const JobContext& job, const BoardDeployPtr& board) {
    const auto& given = block.parameters;
    const auto add = [&](const std::string& key, const config::Value& map) {
        deploy.add(make_boot_download(key, map, block, job, deploy_name));
    };
    for (const auto* key : {"ramdisk", "kernel", "dtb", "nfsrootfs", "modules", "preseed", "tee"}) {
        const std::string name{key};
        const auto* map = given.find(name);
        if (!map) continue;
        if (name == "nfsrootfs" || name == "modules") {
            auto* found = name == "modules" ? &board->modules_file : &board->nfsrootfs_file;
            deploy.add(make_archive_download(name, *map, block, job, deploy_name, found, board));
        } else {
            add(name, *map);
        }
    }
    if (const auto* list = given.find("dtbo"); list && list->as_list()) {
        for (std::size_t i = 0; i < list->as_list()->size(); ++i) {
            add("dtbo" + std::to_string(i), (*list->as_list())[i]);
        }
    }
    if (const auto* extra = given.find("extra_files"); extra && extra->as_map()) {
        for (const auto& [name, map] : *extra->as_map()) {
            deploy.add(make_boot_download(config::python_str(name), map, block, job, deploy_name, "extra_files"));
        }
    }
}

ActionPtr make_prepare(const JobContext& job, const BoardDeployPtr& board, bool overlay) {
    auto prepare = std::make_unique<PrepareTftpOverlay>();
    prepare->add(make_extract_nfsrootfs(board));
    prepare->add(make_parse_persistent_nfs(board));
    prepare->add(make_extract_ramdisk(board));
    prepare->add(make_extract_modules(board));
    if (overlay) prepare->add(make_apply_overlay(board));
    if (!board->kernel_type.empty()) prepare->add(make_prepare_kernel(board, job));
    prepare->add(make_configure_preseed(board));
    prepare->add(make_compress_ramdisk(board));
    // Again, since an image of depthcharge's holds the finished ramdisk.
    if (job.description.boot_methods.contains("depthcharge")) prepare->add(make_prepare_kernel(board, job));
    return prepare;
}

}  // namespace

ActionPtr build_deploy_tftp(const ActionBlock& block, const JobContext& job) {
    const auto board = read_board_deploy(block);
    const bool overlay = test_needs(job.definition, block.name_space).overlay;
    auto deploy = std::make_unique<TftpDeploy>(board->os);
    if (overlay) deploy->add(make_lava_overlay(block, job));
    const auto before = deploy->children().size();
    add_downloads(*deploy, block, job, board);
    if (deploy->children().size() == before) throw JobError{"deploy to tftp names no file to download"};
    deploy->add(make_prepare(job, board, overlay));
    if (overlay) deploy->add(make_deploy_device_env());
    return deploy;
}

}  // namespace patchbay
