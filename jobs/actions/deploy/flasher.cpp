// SPDX-License-Identifier: Apache-2.0
// deploy: {to: flasher}: commands of the lab write the images, in whatever way they do it
// (lava_dispatcher/actions/deploy/flasher.py).
#include "core/config/yaml_text.hpp"
#include "core/process/words.hpp"
#include "core/text.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/results/interactive.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

constexpr auto folder_name = "deploy-flasher";

bool is_fetched(const config::Value& image) {
    const auto* download = image.find("download");
    return !download || !download->as_bool() || *download->as_bool();
}

std::vector<std::string> commands_of(const JobContext& job) {
    std::vector<std::string> commands;
    const auto* method = job.description.deploy_methods.find("flasher");
    const auto* list = method ? method->find("commands") : nullptr;
    if (!list || !list->as_list()) return commands;
    for (const auto& command : *list->as_list()) commands.push_back(config::python_str(command));
    return commands;
}

/// What a command of the lab may ask for, beside the images.
Substitutions values_of_device(const JobContext& job) {
    const auto& rendered = job.description.rendered;
    Substitutions values{{"DEVICE_INFO", config::dump_yaml(job.description.device_info)},
                         {"STATIC_INFO", config::dump_yaml(job.description.static_info)}};
    const auto* commands = rendered.find("commands");
    for (const auto* name :
         {"hard_reset", "soft_reboot", "pre_os_command", "pre_power_command", "power_on", "power_off"}) {
        const std::string_view command{name};
        const auto key = upper_case(command) + (command.ends_with("_command") ? "" : "_COMMAND");
        values[key] = config::text_or_empty(commands ? commands->find(name) : nullptr);
    }
    return values;
}

class DeployFlasher final : public Action {
public:
    DeployFlasher() : Action{folder_name, "deploy flasher"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (commands_of(job).empty()) {
            errors.push_back("the device's actions.deploy.methods.flasher has no 'commands', which write the images");
        }
        const auto of_device = values_of_device(job);
        for (const auto& [key, image] : images_of(block())) {
            if (!of_device.contains(upper_case(key))) continue;
            errors.push_back("an image of deploy to flasher cannot be called '" + key + "': {" + upper_case(key) +
                             "} of the lab's commands is a value of the device's; give the image another name");
        }
        job.state(ns()).os = config::string_or_empty(block().parameters.find("os"));
        co_await Action::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        co_await Action::run(job, deadline);
        const auto top = level().substr(0, level().find('.'));
        const auto folder = job.directory / (std::string{folder_name} + "-" + top);
        fs::create_directories(folder);
        Substitutions values;
        for (const auto& image : job.state(ns()).images) {
            values[upper_case(image.key)] = image.path.lexically_relative(folder).string();
        }
        for (const auto& [key, image] : *block().parameters.find("images")->as_map()) {
            if (is_fetched(image)) continue;
            values[upper_case(config::python_str(key))] = config::string_or_empty(image.find("url"));
        }
        // Last: an image of an earlier deploy may have any name, and takes no value of the device's away.
        for (auto& [key, value] : values_of_device(job)) values[key] = value;
        for (const auto& text : commands_of(job)) {
            Command command;
            // Word by word: what a job names stays one argument.
            for (const auto& word : split_words(text)) command.argv.push_back(substitute(word, values));
            command.folder = folder.string();
            const auto output = co_await run_logged(job, std::move(command), deadline, Secrets::given);
            if (output.exit_code != 0) throw InfrastructureError{"Unable to flash the device"};
        }
    }
};

class DeployFlasherRetry final : public RetryAction {
public:
    DeployFlasherRetry() : RetryAction{"deploy-flasher-retry", "deploy flasher, again if it fails"} {}
};

}  // namespace

ActionPtr build_deploy_flasher(const ActionBlock& block, const JobContext& job) {
    auto retry = std::make_unique<DeployFlasherRetry>();
    auto& deploy = retry->add<DeployFlasher>();
    const auto needs = test_needs(job.definition, block.name_space);
    if (needs.overlay) deploy.add(make_lava_overlay(block, job));
    for (const auto& [key, image] : images_of(block)) {
        if (is_fetched(image)) deploy.add(make_tool_image(key, image, folder_name));
    }
    if (needs.shell) deploy.add(make_deploy_device_env());
    return retry;
}

}  // namespace patchbay
