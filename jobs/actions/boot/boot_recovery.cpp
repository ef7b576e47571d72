// SPDX-License-Identifier: Apache-2.0
// boot: {method: recovery}: the lab's switches bring a board into its recovery mode, and out of it
// (lava_dispatcher/actions/boot/recovery.py).
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"

namespace patchbay {
namespace {

class SwitchRecovery final : public Action {
public:
    SwitchRecovery() : Action{"switch-recovery", "send recovery mode command"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (mode().empty()) {
            errors.push_back("boot method recovery: 'commands' must be 'recovery' or 'exit'");
        } else if (commands(job).empty()) {
            errors.push_back("the device's actions.deploy.methods.recovery.commands has no '" + mode() + "'");
        }
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        co_await run_local_commands(job, commands(job), deadline, "Unable to " + mode() + ": ");
        report("status", "success");
    }

private:
    std::string mode() const {
        const auto wanted = config::string_or_empty(block().parameters.find("commands"));
        if (wanted == "recovery") return "recovery_mode";
        return wanted == "exit" ? "recovery_exit" : "";
    }

    std::vector<std::string> commands(const JobContext& job) const {
        const auto* method = job.description.deploy_methods.find("recovery");
        const auto* all = method ? method->find("commands") : nullptr;
        const auto* value = all ? all->find(mode()) : nullptr;
        std::vector<std::string> texts;
        if (!value || value->is_null()) return texts;
        if (!value->as_list()) return {config::python_str(*value)};
        for (const auto& each : *value->as_list()) texts.push_back(config::python_str(each));
        return texts;
    }
};

class RecoveryBoot final : public Action {
public:
    RecoveryBoot() : Action{"recovery-boot", "boot into recovery mode, or out of it"} {
        add(make_power_off());
        add<SwitchRecovery>();
        add(make_power_on());
    }
};

}  // namespace

ActionPtr build_boot_recovery(const ActionBlock&, const JobContext&) { return std::make_unique<RecoveryBoot>(); }

}  // namespace patchbay
