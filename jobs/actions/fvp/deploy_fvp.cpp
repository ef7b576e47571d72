// SPDX-License-Identifier: Apache-2.0
// deploy: {to: fvp}: images for a model of Arm in a container (lava_dispatcher/actions/deploy/fvp.py).
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"

namespace patchbay {
namespace {

class FvpDeploy final : public Action {
public:
    FvpDeploy() : Action{"fvp-deploy", "download files for FVP"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        job.state(ns()).os = config::string_or_empty(block().parameters.find("os"));
        if (block().parameters.contains("ramdisk")) {
            errors.push_back(
                "deploy to fvp: 'ramdisk' beside 'images' is not available here; make it one of the images, "
                "with 'format: cpio.newc' and 'overlays: {lava: true}'");
        }
        co_await Action::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        job.state(ns()).forget_images();
        co_await Action::run(job, deadline);
    }
};

}  // namespace

ActionPtr build_deploy_fvp(const ActionBlock& block, const JobContext& job) {
    auto deploy = std::make_unique<FvpDeploy>();
    if (test_needs(job.definition, block.name_space).overlay) deploy->add(make_lava_overlay(block, job));
    for (const auto& [key, image] : images_of(block)) deploy->add(make_tool_image(key, image, "fvp-deploy"));
    return deploy;
}

}  // namespace patchbay
