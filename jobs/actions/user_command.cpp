// SPDX-License-Identifier: Apache-2.0
// command: {name: X}: a command of the device's configuration (lava_dispatcher/actions/commands.py).
#include <algorithm>
#include <array>

#include "jobs/actions/builders.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"

namespace patchbay {
namespace {

constexpr std::array built_in{"pre_power_command", "pre_os_command", "hard_reset",   "power_on",
                              "power_off",         "recovery_mode",  "recovery_exit"};

class UserCommandAction final : public Action {
public:
    UserCommandAction() : Action{"user-command", "execute one of the commands of the device"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        const auto wanted = command_name();
        if (is_built_in(wanted)) {
            if (!job.description.commands.contains(wanted)) {
                errors.push_back("Command '" + wanted + "' not defined for this device");
            }
        } else if (job.description.user_commands.empty()) {
            errors.push_back("Device has no configured user commands");
        } else if (!job.description.user_commands.contains(wanted)) {
            errors.push_back("Unknown user command '" + wanted + "'");
        }
        co_return;
    }

    Task<> cleanup(JobContext& job) override {
        if (!started_) co_return;
        started_ = false;
        const auto found = job.description.user_commands.find(command_name());
        if (found == job.description.user_commands.end() || found->second.undo.empty()) co_return;
        job.log.debug("Running cleanup for user command '" + command_name() + "'");
        co_await run_local_commands(job, found->second.undo, Deadline::in(timeout()), "Unable to run: ");
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const auto wanted = command_name();
        job.log.debug("Running user command '" + wanted + "'");
        started_ = true;
        const auto& table = is_built_in(wanted) ? job.description.commands : job.description.user_commands;
        co_await run_local_commands(job, table.at(wanted).run, deadline, "Unable to run: ");
    }

private:
    static bool is_built_in(const std::string& name) {
        return std::find(built_in.begin(), built_in.end(), name) != built_in.end();
    }

    std::string command_name() const {
        const auto* value = block().parameters.find("name");
        const auto* text = value ? value->as_string() : nullptr;
        return text ? *text : std::string{};
    }

    bool started_ = false;
};

}  // namespace

/// A device may have a user command of the name of our check.
ActionPtr build_command(const ActionBlock& block, const JobContext& job) {
    const auto* name = block.parameters.find("name");
    if (name && *name == config::Value{"smoke-check"} && !job.description.user_commands.contains("smoke-check"))
        return build_smoke_check();
    return std::make_unique<UserCommandAction>();
}

}  // namespace patchbay
