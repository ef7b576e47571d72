// SPDX-License-Identifier: Apache-2.0
// deploy-device-env: a step of every deploy whose tests need an overlay.
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/deploy/device_environment.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

class DeployDeviceEnv final : public Action {
public:
    DeployDeviceEnv() : Action{"deploy-device-env", "deploy the environment of the device"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        auto problems = check_device_environment(job.settings.env_dut);
        errors.insert(errors.end(), problems.begin(), problems.end());
        const auto* data = deployment_data(job.os_of(ns()));
        if (!job.settings.env_dut.is_null() && data && data->rc_file.empty()) {
            errors.push_back("the lab's env-dut cannot be given to a target with os '" + job.os_of(ns()) +
                             "': it reads no file of variables");
        }
        co_return;
    }

protected:
    Task<> run(JobContext&, Deadline) override { co_return; }
};

}  // namespace

ActionPtr make_deploy_device_env() { return std::make_unique<DeployDeviceEnv>(); }

}  // namespace patchbay
