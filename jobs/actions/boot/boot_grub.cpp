// SPDX-License-Identifier: Apache-2.0
// boot: {method: grub}, {method: grub-efi} (lava_dispatcher/actions/boot/grub.py).
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/bootloader/loader.hpp"
#include "jobs/actions/bootloader/loader_action.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/actions/bootloader/menu_actions.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

/// An installer ends with a text of its own, not with a shell.
class InstallerWait final : public Action {
public:
    InstallerWait() : Action{"installer-wait", "wait for the installer to finish"} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto start = Clock::now();
        const auto finished = texts_of(block().parameters.find("boot_finished"));
        job.log.debug("Not expecting a shell, so waiting for boot_finished: " + python_list(finished));
        const auto patterns = PatternSet::of(finished);
        const auto match = co_await job.console(block()).wait_some(patterns, deadline);
        if (!match) throw_timeout(Clock::now() - start);
    }
};

/// The firmware's fastboot mode ends when it is told so on the console.
class WaitFastbootInterrupt final : public LoaderAction {
public:
    WaitFastbootInterrupt() : LoaderAction{"wait-fastboot-interrupt", "leave the fastboot mode of the firmware"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        for (const auto* key : {"interrupt_prompt", "interrupt_string"}) {
            if (!setting(job, key)) {
                errors.push_back("Missing '" + std::string{key} + "' in the device's deploy method fastboot");
            }
        }
        co_return;
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        job.state(ns()).loader.at_prompt = false;
        InterruptPlan plan;
        plan.interrupt_prompt = config::text_or_empty(setting(job, "interrupt_prompt"));
        plan.keys.push_back({Typing::Kind::line, config::text_or_empty(setting(job, "interrupt_string"))});
        InterruptDialogue dialogue{std::move(plan)};
        co_await hold(job, dialogue, deadline);
    }

private:
    static const config::Value* setting(const JobContext& job, std::string_view key) {
        const auto* fastboot = job.description.deploy_methods.find("fastboot");
        return fastboot ? fastboot->find(key) : nullptr;
    }
};

void add_end(Action& boot, const ActionBlock& block, const JobContext& job) {
    add_boot_tail(boot, block, job);
    if (block.parameters.contains("prompts") || !block.parameters.contains("boot_finished")) return;
    boot.add<InstallerWait>();
    boot.add(make_power_off());
}

class GrubMain final : public RetryAction {
public:
    GrubMain(const ActionBlock& block, const JobContext& job)
        : RetryAction{"grub-main-action", "run grub boot from power to system"} {
        const bool efi = loader_of(block) == "grub-efi";
        add(make_from_media("bootloader-from-media"));
        add(make_bootloader_overlay());
        add(make_connect_device());
        if (is_set(block, "reset", true) && (!efi || device_resets(job))) add(make_reset_device(job));
        if (efi) {
            add(make_menu_interrupt("uefi-menu-interrupt", "uefi-menu"));
            add(make_menu_selector({"grub-efi-menu-selector", "uefi-menu", menu_options(job)}));
        }
        add(make_bootloader_interrupt());
        add(make_bootloader_commands());
        add_end(*this, block, job);
    }

private:
    /// By which menu of the firmware GRUB is started.
    static std::string menu_options(const JobContext& job) {
        for (const auto* method : {"grub-efi", "uefi-menu"}) {
            const auto* settings = job.description.boot_methods.find(method);
            const auto* menu = settings ? settings->find("menu_options") : nullptr;
            if (menu) return config::text_or_empty(menu);
        }
        return {};
    }

    static bool device_resets(const JobContext& job) {
        const auto* method = job.description.boot_methods.find("grub-efi");
        const auto* value = method ? method->find("reset_device") : nullptr;
        const auto* flag = value ? value->as_bool() : nullptr;
        return !flag || *flag;
    }
};

/// What the device lists under `grub.sequence`.
class GrubSequence final : public RetryAction {
public:
    GrubSequence(const ActionBlock& block, const JobContext& job)
        : RetryAction{"grub-sequence-action", "run grub boot using specified sequence of actions"} {
        for (const auto& step : sequence(job)) {
            if (step == "wait-fastboot-interrupt") add<WaitFastbootInterrupt>();
            if (step == "auto-login") add(make_auto_login());
            if (step == "shell-session") add(make_expect_shell());
            if (step == "export-env") add(make_export_device_env());
        }
        add_end(*this, block, job);
    }

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        for (const auto& step : sequence(job)) {
            const bool known = step == "wait-fastboot-interrupt" || step == "auto-login" || step == "shell-session" ||
                               step == "export-env";
            if (!known) errors.push_back("Unknown boot sequence '" + step + "'");
        }
        co_await Action::validate(job, errors);
    }

private:
    static std::vector<std::string> sequence(const JobContext& job) {
        const auto* grub = job.description.boot_methods.find("grub");
        return texts_of(grub ? grub->find("sequence") : nullptr);
    }
};

bool has_sequence(const config::Map& methods) {
    const auto* grub = methods.find("grub");
    return grub && grub->find("sequence");
}

}  // namespace

std::string objection_to_grub_sequence(const config::Map& methods) {
    if (!methods.contains("grub")) return "\"grub\" was not in the device configuration boot methods";
    if (methods.contains("grub-efi")) return "\"grub-efi\" was in the device configuration boot methods";
    return has_sequence(methods) ? "" : "\"sequence\" not in device configuration boot methods";
}

std::string objection_to_grub(const config::Map& methods) {
    if (has_sequence(methods)) return "\"sequence\" was in \"grub\" parameters";
    const bool any = methods.contains("grub") || methods.contains("grub-efi");
    return any ? "" : "\"grub\" or \"grub-efi\" was not in the device configuration boot methods";
}

ActionPtr build_boot_grub_sequence(const ActionBlock& block, const JobContext& job) {
    return std::make_unique<GrubSequence>(block, job);
}

ActionPtr build_boot_grub(const ActionBlock& block, const JobContext& job) {
    return std::make_unique<GrubMain>(block, job);
}

}  // namespace patchbay
