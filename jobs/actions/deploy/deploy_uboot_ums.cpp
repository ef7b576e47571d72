// SPDX-License-Identifier: Apache-2.0
// deploy: {to: u-boot-ums}: an image for the medium that U-Boot shows on USB; the boot writes it
// (lava_dispatcher/actions/deploy/uboot_ums.py).
#include "jobs/actions/bootloader/uboot_ums.hpp"
#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/deploy/overlaid_image.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"

namespace patchbay {
namespace {

class UbootUmsDeploy final : public BoardDeployAction {
public:
    explicit UbootUmsDeploy(std::string os)
        : BoardDeployAction{"uboot-ums-deploy", "fetch the image that is written through U-Boot", std::move(os)} {}
};

}  // namespace

ActionPtr build_deploy_uboot_ums(const ActionBlock& block, const JobContext& job) {
    const auto* image = block.parameters.find("image");
    if (!image || !image->as_map()) throw JobError{"deploy to u-boot-ums needs an 'image'"};
    const auto needs = test_needs(job.definition, block.name_space);
    auto deploy = std::make_unique<UbootUmsDeploy>(config::string_or_empty(block.parameters.find("os")));
    if (needs.overlay) deploy->add(make_lava_overlay(block, job));
    add_overlaid_image(*deploy, "image", *image, "uboot-ums-deploy",
                       needs.overlay ? OverlayInto::plain_image : OverlayInto::nothing);
    if (needs.shell) deploy->add(make_deploy_device_env());
    return deploy;
}

}  // namespace patchbay
