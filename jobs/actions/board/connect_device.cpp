// SPDX-License-Identifier: Apache-2.0
#include "devices/capability/console.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

class ConnectDevice final : public Action {
public:
    ConnectDevice() : Action{"connect-device", "use the configured command to connect serial to the device"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (!job.device.find<Console>()) {
            errors.push_back("Device " + job.device.name() +
                             " has no console; give it one under 'hardware', or commands.connect");
        }
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline) override {
        auto& state = job.state(ns());
        if (state.console && state.console->connected()) {
            job.log.debug("Already connected");
            co_return;
        }
        if (state.console) job.log.warning("Dead connection, reconnecting");
        auto& console = job.device.need<Console>();
        job.log.info("[" + ns() + "] " + name() + " Connecting to device using '" + console.description() + "'");
        job.log.flush();
        co_await console.open();
        job.attach_console(ns()).prompts = {job.constant("default-shell-prompt", "lava-test: # ")};
    }
};

}  // namespace

ActionPtr make_connect_device() { return std::make_unique<ConnectDevice>(); }

}  // namespace patchbay
