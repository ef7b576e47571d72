// SPDX-License-Identifier: Apache-2.0
// deploy: {to: usbg-ms}: a command of the lab shows the image to the board as a USB stick
// (lava_dispatcher/actions/deploy/usbg_ms.py).
#include <algorithm>

#include "core/process/words.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/actions/usb_drives.hpp"
#include "jobs/results/interactive.hpp"

namespace patchbay {
namespace {

class UsbgMs final : public Action {
public:
    UsbgMs() : Action{"usbg-ms", "show the image to the board as a USB stick"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        for (const auto* key : {"enable", "disable"}) {
            if (!words(job, key).empty()) continue;
            errors.push_back("the device's actions.deploy.methods.usbg-ms has no '" + std::string{key} +
                             "', the command of the lab that shows the image, or takes it away again");
        }
        job.state(ns()).os = config::string_or_empty(block().parameters.find("os"));
        co_await Action::validate(job, errors);
    }

    Task<> cleanup(JobContext& job) override {
        if (std::exchange(shown_, false)) co_await take_away(job, Deadline::in(timeout()));
        co_await Action::cleanup(job);
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        co_await Action::run(job, deadline);
        const auto& images = job.state(ns()).images;
        const auto image = std::ranges::find(images, "image", &DeployedImage::key);
        if (image == images.end()) throw LavaBug{"the image was not downloaded"};
        // What a job before may have left.
        co_await take_away(job, deadline);
        const Substitutions values{{"IMAGE", image->path.string()}};
        Command command;
        for (const auto& word : words(job, "enable")) command.argv.push_back(substitute(word, values));
        shown_ = true;
        co_await run_program(job, std::move(command), deadline,
                             "does the lab's command work by hand, and is the gadget free?");
    }

private:
    /// A list of words, or one text.
    static std::vector<std::string> words(const JobContext& job, std::string_view key) {
        const auto* method = job.description.deploy_methods.find("usbg-ms");
        const auto* value = method ? method->find(key) : nullptr;
        if (value && value->as_string()) return split_words(*value->as_string());
        return texts_of(value);
    }

    Task<> take_away(JobContext& job, Deadline deadline) {
        Command command;
        command.argv = words(job, "disable");
        co_await run_logged(job, std::move(command), deadline);
    }

    bool shown_ = false;
};

}  // namespace

ActionPtr build_deploy_usbg_ms(const ActionBlock& block, const JobContext& job) {
    const auto* image = block.parameters.find("image");
    if (!image || !image->as_map()) throw JobError{"deploy to usbg-ms needs an 'image'"};
    const auto needs = test_needs(job.definition, block.name_space);
    auto deploy = std::make_unique<UsbgMs>();
    if (needs.overlay) deploy->add(make_lava_overlay(block, job));
    // The board may write to it.
    deploy->add(make_tool_image("image", *image, "usbg-ms"));
    if (needs.shell) deploy->add(make_deploy_device_env());
    return deploy;
}

}  // namespace patchbay
