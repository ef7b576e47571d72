// SPDX-License-Identifier: Apache-2.0
// deploy: {to: nfs}: a root that the board mounts; its kernel is on the board, or in QEMU's arguments
// (lava_dispatcher/actions/deploy/nfs.py).
#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"

namespace patchbay {
namespace {

class NfsDeploy final : public BoardDeployAction {
public:
    explicit NfsDeploy(std::string os) : BoardDeployAction{"nfs-deploy", "deploy a root over NFS", std::move(os)} {}
};

ActionPtr build_for_board(const ActionBlock& block, const JobContext& job) {
    const auto board = read_board_deploy(block);
    if (!board->nfsrootfs.given) throw JobError{"deploy to nfs needs 'nfsrootfs'"};
    const auto needs = test_needs(job.definition, block.name_space);
    auto deploy = std::make_unique<NfsDeploy>(board->os);
    deploy->add(make_archive_download("nfsrootfs", *block.parameters.find("nfsrootfs"), block, job, "nfs-deploy",
                                      &board->nfsrootfs_file, board));
    if (const auto* modules = block.parameters.find("modules")) {
        deploy->add(make_archive_download("modules", *modules, block, job, "nfs-deploy", &board->modules_file, board));
    }
    deploy->add(make_extract_nfsrootfs(board));
    deploy->add(make_lava_overlay_if_needed(block, job));
    deploy->add(make_extract_modules(board));
    deploy->add(make_apply_overlay(board));
    if (needs.shell) deploy->add(make_deploy_device_env());
    return deploy;
}

}  // namespace

ActionPtr build_deploy_nfs(const ActionBlock& block, const JobContext& job) {
    return job.description.boot_methods.contains("qemu-nfs") ? build_deploy_qemu_nfs(block, job)
                                                             : build_for_board(block, job);
}

}  // namespace patchbay
