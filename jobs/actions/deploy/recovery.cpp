// SPDX-License-Identifier: Apache-2.0
// deploy: {to: recovery}: files for a board that a lab's switches bring into its ROM's recovery mode
// (lava_dispatcher/actions/deploy/recovery.py).
#include <algorithm>

#include "jobs/actions/board/board.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

class DeployRecovery final : public Action {
public:
    DeployRecovery() : Action{"deploy-recovery-mode", "deploy firmware by switching to recovery mode"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        job.state(ns()).os = config::string_or_empty(block().parameters.find("os"));
        co_await Action::validate(job, errors);
    }
};

bool is_serial(const JobContext& job) {
    const auto* method = job.description.deploy_methods.find("recovery");
    const auto* tags = method ? method->find("tags") : nullptr;
    const auto* list = tags ? tags->as_list() : nullptr;
    return list && std::find(list->begin(), list->end(), config::Value{"serial"}) != list->end();
}

}  // namespace

ActionPtr build_deploy_recovery(const ActionBlock& block, const JobContext& job) {
    auto deploy = std::make_unique<DeployRecovery>();
    auto images = images_of(block);
    std::sort(images.begin(), images.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [key, image] : images) deploy->add(make_tool_image(key, image, "deploy-recovery-mode"));
    if (is_serial(job)) deploy->add(make_connect_device());
    return deploy;
}

}  // namespace patchbay
