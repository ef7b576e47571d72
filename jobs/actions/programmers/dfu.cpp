// SPDX-License-Identifier: Apache-2.0
// boot: {method: dfu}: the chip's own boot loader takes images by USB, or U-Boot does.
#include <algorithm>
#include <array>

#include "core/process/words.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/board/wait_usb.hpp"
#include "jobs/actions/bootloader/loader.hpp"
#include "jobs/actions/bootloader/loader_action.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/job_words.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/programmers/programmers.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/bootloader/command_dialogue.hpp"

namespace patchbay {
namespace {

bool resets_itself(const config::Value& method) {
    const auto* flag = method.find("reset_works");
    return !flag || !flag->as_bool() || *flag->as_bool();
}

bool is_by_uboot(const config::Value& method) {
    return config::text_or_empty(method.find("implementation")) == "u-boot";
}

/// `--upload` writes files of this host; what jobs need names where their image goes.
bool is_harmless(const std::vector<std::string>& words) {
    constexpr std::array known{"-a", "--alt",  "-D", "--download", "-s", "--dfuse-address",
                               "-i", "--intf", "-c", "--cfg",      "-t", "--transfer-size"};
    for (std::size_t i = 0; i < words.size(); i += 2) {
        if (std::find(known.begin(), known.end(), words[i]) == known.end()) return false;
        const bool is_file = words[i] == "-D" || words[i] == "--download";
        const bool is_image = i + 1 < words.size() && words[i + 1].starts_with('{') && words[i + 1].ends_with('}');
        if (is_file && !is_image) return false;
    }
    return words.size() % 2 == 0;
}

class FlashDfu final : public ProgrammerStep {
public:
    FlashDfu() : ProgrammerStep{"flash-dfu", "dfu", "dfu-util"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        for (const auto& deploy : job.definition.actions) {
            const auto* images = deploy.parameters.find("images");
            if (deploy.name_space != ns() || !images || !images->as_map()) continue;
            for (const auto& [key, image] : *images->as_map()) {
                const auto argument = config::string_or_empty(image.find("image_arg"));
                if (is_harmless(job_words("image_arg", argument))) continue;
                need_trust(job,
                           "image_arg '" + argument +
                               "' holds other arguments of dfu-util than --alt, --download "
                               "{image}, --dfuse-address, --intf, --cfg and --transfer-size, which",
                           errors);
            }
        }
        for (const auto* key : {"usb_vendor_id", "usb_product_id"}) {
            if (device_value(job, key).empty()) errors.push_back(std::string{key} + " unset");
        }
        co_await ProgrammerStep::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto taken = said_when_taken(job);
        const auto paths = image_paths(job, ns());
        const auto& images = job.state(ns()).images;
        for (std::size_t i = 0; i < images.size(); ++i) {
            Command command;
            command.argv = program(job);
            for (const auto& option : texts_of(parameters(job).find("options"))) {
                for (auto& word : split_words(option)) command.argv.push_back(std::move(word));
            }
            command.argv.insert(command.argv.end(),
                                {"--serial", device_value(job, "board_id"), "--device",
                                 device_value(job, "usb_vendor_id") + ":" + device_value(job, "usb_product_id")});
            for (const auto& word : job_words("image_arg", images[i].image_arg))
                command.argv.push_back(substitute(word, paths));
            if (i + 1 == images.size() && resets_itself(method(job))) command.argv.push_back("--reset");
            const auto output = co_await run_program(job, std::move(command), deadline);
            if (output.find("No error condition is present\nDone!\n") == std::string::npos) {
                throw InfrastructureError{"dfu-util did not say that '" + images[i].key + "' was written"};
            }
            if (!taken.empty()) co_await await_taken(job, images[i].key, taken, deadline);
        }
    }

private:
    /// What U-Boot says when it has written an image; empty: the chip's own loader says nothing.
    std::string said_when_taken(const JobContext& job) const {
        return is_by_uboot(method(job)) ? job.constant("u-boot.dfu-download", "") : std::string{};
    }

    Task<> await_taken(JobContext& job, std::string key, std::string taken, Deadline deadline) {
        const std::vector<std::string> awaited{taken};
        const auto patterns = PatternSet::of(awaited);
        const auto said = co_await job.console(block()).wait_some(patterns, deadline.at_most(connection_timeout()));
        if (said) co_return;
        throw InfrastructureError{"U-Boot did not say '" + taken + "' after '" + key +
                                  "'; the log has what it said: is the medium that it writes large enough? (constant "
                                  "u-boot.dfu-download of the device)"};
    }
};

/// enter-dfu: U-Boot is told to take images. Its last command does not come back.
class EnterDfu final : public LoaderAction {
public:
    EnterDfu() : LoaderAction{"enter-dfu", "have U-Boot take images by USB"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (plan(job).commands.empty()) {
            errors.push_back("the device's actions.boot.methods.dfu.parameters has no 'enter-commands', a list");
        }
        if (job.constant("u-boot.dfu-download", "").empty()) {
            errors.push_back(
                "the device has no constant 'u-boot.dfu-download': what U-Boot says when it has written an image, such "
                "as 'DOWNLOAD \\.\\.\\. OK'");
        }
        co_return;
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        auto commands = plan(job);
        commands.at_prompt = std::exchange(job.state(ns()).loader.at_prompt, false);
        CommandDialogue dialogue{std::move(commands)};
        co_await hold(job, dialogue, deadline);
    }

private:
    CommandPlan plan(const JobContext& job) const {
        const LoaderSettings loader{job, block()};
        const auto* dfu = job.description.boot_methods.find("dfu");
        const auto* parameters = dfu ? dfu->find("parameters") : nullptr;
        CommandPlan plan;
        plan.prompt = loader.prompt();
        plan.commands = texts_of(parameters ? parameters->find("enter-commands") : nullptr);
        plan.errors = loader.error_messages();
        return plan;
    }
};

class BootDfu final : public RetryAction {
public:
    BootDfu() : RetryAction{"boot-dfu-retry", "boot dfu image with retry"} {}
};

}  // namespace

ActionPtr build_boot_dfu(const ActionBlock&, const JobContext& job) {
    auto boot = std::make_unique<BootDfu>();
    boot->add(make_connect_device());
    boot->add(make_reset_device(job));
    if (is_by_uboot(*job.description.boot_methods.find("dfu"))) {
        boot->add(make_bootloader_interrupt());
        boot->add<EnterDfu>();
    }
    UsbWanted wanted;
    wanted.serial = device_value(job, "board_id");
    wanted.vendor = device_value(job, "usb_vendor_id");
    wanted.product = device_value(job, "usb_product_id");
    boot->add(make_wait_usb("wait-dfu-device", std::move(wanted)));
    boot->add<FlashDfu>();
    return boot;
}

}  // namespace patchbay
