// SPDX-License-Identifier: Apache-2.0
// A console that is given up and taken anew: what the board said before counts no more.
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

class DisconnectDevice final : public Action {
public:
    DisconnectDevice() : Action{"disconnect-device", "disconnect the console of the device"} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline) override {
        auto& state = job.state(ns());
        if (!state.console) co_return;
        job.log.debug("Disconnecting the console of namespace '" + ns() + "'");
        co_await state.console->close();
        state.console.reset();
    }
};

class ResetConnection final : public RetryAction {
public:
    ResetConnection() : RetryAction{"reset-connection", "disconnect and connect the console"} {
        add<DisconnectDevice>();
        add(make_connect_device());
    }
};

}  // namespace

ActionPtr make_disconnect_device() { return std::make_unique<DisconnectDevice>(); }
ActionPtr make_reset_connection() { return std::make_unique<ResetConnection>(); }

}  // namespace patchbay
