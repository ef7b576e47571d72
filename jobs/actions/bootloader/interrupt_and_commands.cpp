// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/bootloader/loader.hpp"
#include "jobs/actions/bootloader/loader_action.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/bootloader/command_dialogue.hpp"

namespace patchbay {
namespace {

/// UEFI's shell wants both characters at the end of a line.
std::string newline_of(const ActionBlock& block) { return loader_of(block) == "uefi" ? "\r\n" : "\n"; }

class BootloaderInterrupt final : public LoaderAction {
public:
    BootloaderInterrupt() : LoaderAction{"bootloader-interrupt", "interrupt bootloader to get an interactive shell"} {}

    Task<> validate(JobContext& job, std::vector<std::string>&) override {
        const InterruptDialogue checked{LoaderSettings{job, block()}.interrupt_plan()};
        co_return;
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto plan = LoaderSettings{job, block()}.interrupt_plan();
        auto& state = job.state(ns()).loader;
        state.at_prompt = false;
        InterruptDialogue dialogue{plan};
        co_await hold(job, dialogue, deadline);
        state.at_prompt = !plan.needs_interrupt;
    }
};

class BootloaderCommands : public LoaderAction {
public:
    BootloaderCommands(std::string name, std::string summary, Final final_message)
        : LoaderAction{std::move(name), std::move(summary)}, final_{final_message} {}

    Task<> validate(JobContext& job, std::vector<std::string>&) override {
        const CommandDialogue checked{plan(job)};
        co_return;
    }

protected:
    virtual std::vector<std::string> commands(const JobContext& job) const {
        const auto state = job.namespaces.find(ns());
        return state == job.namespaces.end() ? std::vector<std::string>{} : state->second.loader.commands;
    }

    Task<> run(JobContext& job, Deadline deadline) override {
        auto commands_plan = plan(job);
        auto& state = job.state(ns()).loader;
        commands_plan.at_prompt = std::exchange(state.at_prompt, false);
        CommandDialogue dialogue{std::move(commands_plan)};
        co_await hold(job, dialogue, deadline, newline_of(block()));
    }

private:
    CommandPlan plan(const JobContext& job) const {
        const LoaderSettings loader{job, block()};
        CommandPlan plan;
        plan.prompt = loader.prompt();
        plan.commands = commands(job);
        plan.errors = loader.error_messages();
        if (final_ == Final::awaited) plan.final_message = loader.final_message(block());
        return plan;
    }

    Final final_;
};

class AltbankCommands final : public BootloaderCommands {
public:
    AltbankCommands()
        : BootloaderCommands{"bootloader-commands-altbank", "start the other bank of the bootloader",
                             Final::not_awaited} {}

protected:
    std::vector<std::string> commands(const JobContext& job) const override {
        return {LoaderSettings{job, block()}.text("uboot_altbank_cmd", "reset")};
    }
};

}  // namespace

ActionPtr make_bootloader_interrupt() { return std::make_unique<BootloaderInterrupt>(); }
ActionPtr make_bootloader_commands(Final final_message) {
    return std::make_unique<BootloaderCommands>("bootloader-commands", "send commands to bootloader", final_message);
}
ActionPtr make_altbank_commands() { return std::make_unique<AltbankCommands>(); }

}  // namespace patchbay
