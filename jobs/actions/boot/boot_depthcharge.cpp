// SPDX-License-Identifier: Apache-2.0
// boot: {method: depthcharge}: the boot loader of Chromebooks (lava_dispatcher/actions/boot/depthcharge.py). It fetches
// the kernel's command line as a file, too.
#include <fstream>

#include "jobs/actions/board/board.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/bootloader/bootloader_overlay.hpp"
#include "jobs/actions/bootloader/command_set.hpp"
#include "jobs/actions/bootloader/loader.hpp"
#include "jobs/actions/bootloader/loader_action.hpp"
#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

class DepthchargeOverlay final : public BootloaderOverlay {
public:
    DepthchargeOverlay() : BootloaderOverlay{"depthcharge-overlay"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        co_await BootloaderOverlay::validate(job, errors);
        const auto* set = named_set(block(), LoaderSettings{job, block()});
        if (set && set->find("cmdline")) co_return;
        errors.push_back("No cmdline found in " + config::text_or_empty(block().parameters.find("commands")) +
                         "; depthcharge needs the name of a set of the device");
    }

protected:
    std::vector<std::string> refine(JobContext& job, const JobBootValues& boot,
                                    std::vector<std::string> commands) override {
        const auto& files = job.state(ns()).boot.files;
        const auto fit = files.find("fit");
        const auto kernel = fit == files.end() ? value_of(boot, "KERNEL") : job.tftp_name(fit->second);
        if (kernel.empty()) {
            throw JobError{"depthcharge: no deploy of namespace '" + ns() + "' put a kernel below the TFTP root"};
        }
        const auto cmdline = std::filesystem::path{kernel}.parent_path() / "cmdline";
        write_command_line(job, boot, cmdline);
        // Without a value only the placeholder goes: a FIT image holds its ramdisk.
        const BootValues own{{"CMDLINE", cmdline.generic_string()},
                             {"DEPTHCHARGE_KERNEL", kernel},
                             {"DEPTHCHARGE_RAMDISK", fit == files.end() ? value_of(boot, "RAMDISK") : ""}};
        return substitute_commands(commands, own, Missing::drops_placeholder);
    }

private:
    void write_command_line(JobContext& job, const JobBootValues& boot, const std::filesystem::path& name) const {
        const LoaderSettings loader{job, block()};
        auto text = config::text_or_empty(named_set(block(), loader)->find("cmdline"));
        const auto extra = config::text_or_empty(block().parameters.find("extra_kernel_args"));
        if (!extra.empty()) text += " " + extra;
        text = with_boot_arguments({text}, config::text_or_empty(job.definition.context.find("extra_kernel_args")))
                   .front();
        text = substitute_commands({text}, boot.values, Missing::keeps_placeholder).front();
        const auto path = job.tftp_directory().parent_path() / name;
        std::ofstream file{path, std::ios::trunc};
        file << text;
        if (!file.flush()) throw InfrastructureError{"cannot write " + path.string()};
        publish(job, path);
        job.log.info("kernel command line: " + text);
    }
};

class DepthchargeStart final : public LoaderAction {
public:
    DepthchargeStart() : LoaderAction{"depthcharge-start", "wait for depthcharge to start"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (plan(job).interrupt_prompt.empty()) errors.push_back("Missing Depthcharge start message for device");
        co_return;
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        job.state(ns()).loader.at_prompt = false;
        InterruptDialogue dialogue{plan(job)};
        co_await hold(job, dialogue, deadline);
    }

private:
    InterruptPlan plan(const JobContext& job) const {
        const LoaderSettings loader{job, block()};
        return {loader.text("start_message"), {}, loader.prompt(), true};
    }
};

class DepthchargeRetry final : public RetryAction {
public:
    DepthchargeRetry(const ActionBlock& block, const JobContext& job)
        : RetryAction{"depthcharge-retry", "start depthcharge, boot by its commands"} {
        add(make_reset_connection());
        add(make_reset_device(job));
        add<DepthchargeStart>();
        add(make_bootloader_commands());
        add_boot_tail(*this, block, job);
    }
};

class DepthchargeAction final : public Action {
public:
    DepthchargeAction(const ActionBlock& block, const JobContext& job)
        : Action{"depthcharge-action", "boot with depthcharge"} {
        add<DepthchargeOverlay>();
        add<DepthchargeRetry>(block, job);
    }
};

}  // namespace

ActionPtr build_boot_depthcharge(const ActionBlock& block, const JobContext& job) {
    return std::make_unique<DepthchargeAction>(block, job);
}

}  // namespace patchbay
