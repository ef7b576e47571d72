// SPDX-License-Identifier: Apache-2.0
// deploy: {to: docker}: the image of a container that is itself the device (lava_dispatcher/actions/deploy/docker.py).
#include "jobs/actions/container.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"

namespace patchbay {
namespace {

/// `image: name`, or `image: {name, local}`.
ContainerImage image_of(const ActionBlock& block) {
    ContainerImage image;
    const auto* value = block.parameters.find("image");
    if (!value) return image;
    image.image = config::string_or_empty(value->is_map() ? value->find("name") : value);
    const auto* local = value->find("local");
    image.local = local && local->as_bool() && *local->as_bool();
    return image;
}

class DeployDocker final : public Action {
public:
    DeployDocker() : Action{"deploy-docker", "deploy docker images"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        job.state(ns()).os = config::string_or_empty(block().parameters.find("os"));
        if (!is_image_name(image_of(block()).image)) errors.push_back("'image' is missing or no name of an image");
        const auto* method = job.description.deploy_methods.find("docker");
        const auto* options = method ? method->find("options") : nullptr;
        if (!config::text_or_empty(options ? options->find("remote") : nullptr).empty()) {
            errors.push_back(
                "the device's containers run on another host ('remote'), which needs its files there; "
                "make that host a worker of its own");
        }
        need_containers(errors);
        co_await Action::validate(job, errors);
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }
    bool owns_timer() const override { return true; }

    Task<> run(JobContext& job, Deadline deadline) override {
        co_await Action::run(job, deadline);
        auto image = image_of(block());
        job.state(ns()).container_image = image.image;
        co_await fetch_image(job, std::move(image), deadline);
    }
};

}  // namespace

ActionPtr build_deploy_docker(const ActionBlock& block, const JobContext& job) {
    auto deploy = std::make_unique<DeployDocker>();
    const auto needs = test_needs(job.definition, block.name_space);
    if (needs.shell) deploy->add(make_deploy_device_env());
    if (needs.overlay) deploy->add(make_container_overlay("lava-overlay", block, job));
    return deploy;
}

}  // namespace patchbay
