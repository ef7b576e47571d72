// SPDX-License-Identifier: Apache-2.0
// deploy: {to: nfs} for a virtual machine whose root is over NFS: `images` as in tmpfs, and one of them, nfsrootfs, is
// unpacked (lava_dispatcher/actions/deploy/nfs.py).
#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"

namespace patchbay {
namespace {

class DeployQemuNfs final : public BoardDeployAction {
public:
    explicit DeployQemuNfs(std::string os)
        : BoardDeployAction{"deploy-qemu-nfs", "deploy images and a root over NFS", std::move(os)} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        job.state(ns()).forget_images();
        co_await BoardDeployAction::run(job, deadline);
    }
};

/// The job as it would be for a board: what is in `images` beside them.
ActionBlock as_for_board(const ActionBlock& block) {
    auto result = block;
    const auto* images = block.parameters.find("images");
    const auto* root = images ? images->find("nfsrootfs") : nullptr;
    if (!root) throw JobError{"deploy to nfs for QEMU needs 'images' with 'nfsrootfs'"};
    result.parameters.set("nfsrootfs", *root);
    return result;
}

}  // namespace

ActionPtr build_deploy_qemu_nfs(const ActionBlock& block, const JobContext& job) {
    const auto board = read_board_deploy(as_for_board(block));
    auto deploy = std::make_unique<DeployQemuNfs>(board->os);
    if (const auto* uefi = block.parameters.find("uefi")) deploy->add(make_firmware_download(*uefi));
    for (const auto& [key, map] : images_of(block)) {
        if (key == "nfsrootfs") {
            deploy->add(make_archive_download(key, map, block, job, "deployimages", &board->nfsrootfs_file, board));
        } else {
            deploy->add(make_image_download(key, map, {}));
        }
    }
    deploy->add(make_extract_nfsrootfs(board, "qemu-nfs-deploy"));
    if (test_needs(job.definition, block.name_space).overlay) {
        deploy->add(make_lava_overlay(block, job));
        deploy->add(make_apply_overlay(board));
        deploy->add(make_deploy_device_env());
    }
    return deploy;
}

}  // namespace patchbay
