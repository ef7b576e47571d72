// SPDX-License-Identifier: Apache-2.0
// Boards whose U-Boot has a fastboot: it is stopped, and told to start it.
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/bootloader/hold_dialogue.hpp"
#include "jobs/actions/bootloader/loader.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/actions/fastboot/fastboot.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/bootloader/command_dialogue.hpp"

namespace patchbay {
namespace {

class UbootEnterFastboot final : public RetryAction {
public:
    explicit UbootEnterFastboot(const JobContext& job)
        : RetryAction{"uboot-enter-fastboot", "enter fastboot mode using u-boot"} {
        add(make_reset_device(job));
        add(make_bootloader_interrupt());
    }

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (plan(job).commands.empty()) {
            errors.push_back("the device's actions.deploy.methods.u-boot.parameters.fastboot has no 'commands'");
        }
        co_await Action::validate(job, errors);
    }

protected:
    Task<> attempt(JobContext& job, Deadline deadline) override {
        co_await RetryAction::attempt(job, deadline);
        auto commands = plan(job);
        commands.at_prompt = std::exchange(job.state(ns()).loader.at_prompt, false);
        CommandDialogue dialogue{std::move(commands)};
        const bool done = co_await hold_dialogue(job, job.console(block()), dialogue, name(), deadline);
        if (!done) throw InfrastructureError{"U-Boot did not take the commands that start its fastboot"};
    }

private:
    static CommandPlan plan(const JobContext& job) {
        const LoaderSettings loader{job, std::string{"u-boot"}};
        const config::Value* at = job.description.deploy_methods.find("u-boot");
        for (const auto* key : {"parameters", "fastboot", "commands"}) at = at ? at->find(key) : nullptr;
        CommandPlan plan;
        plan.prompt = loader.prompt();
        plan.commands = texts_of(at);
        plan.errors = loader.error_messages();
        return plan;
    }
};

}  // namespace

ActionPtr make_uboot_enter_fastboot(const JobContext& job) { return std::make_unique<UbootEnterFastboot>(job); }

}  // namespace patchbay
