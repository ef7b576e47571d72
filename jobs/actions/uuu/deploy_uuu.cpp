// SPDX-License-Identifier: Apache-2.0
// deploy: {to: uuu}: images for boot: {method: uuu} (lava_dispatcher/actions/deploy/uuu.py).
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/deploy/overlaid_image.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/actions/uuu/uuu.hpp"

namespace patchbay {
namespace {

class UuuDeploy final : public Action {
public:
    UuuDeploy() : Action{"uuu-deploy", "fetch the images that uuu writes"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        job.state(ns()).os = config::string_or_empty(block().parameters.find("os"));
        co_await Action::validate(job, errors);
    }
};

bool is_true(const config::Value& map, std::string_view key) {
    const auto* value = map.find(key);
    return value && value->as_bool() && *value->as_bool();
}

}  // namespace

ActionPtr build_deploy_uuu(const ActionBlock& block, const JobContext& job) {
    const auto images = images_of(block);
    const auto* boot = block.parameters.find("images")->find("boot");
    if (!boot) throw JobError{"'boot' image is required, not found in 'images' parameter: what the board's ROM starts"};
    auto deploy = std::make_unique<UuuDeploy>();
    const bool overlay = test_needs(job.definition, block.name_space).overlay;
    if (overlay) deploy->add(make_lava_overlay(block, job));
    for (const auto& [key, image] : images) {
        auto into = OverlayInto::nothing;
        if (overlay && is_true(image, "apply-overlay")) {
            into = is_true(image, "sparse") ? OverlayInto::sparse_image : OverlayInto::plain_image;
        }
        add_overlaid_image(*deploy, key, image, "uuu-deploy", into);
    }
    return deploy;
}

}  // namespace patchbay
