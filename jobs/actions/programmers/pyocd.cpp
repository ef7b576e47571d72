// SPDX-License-Identifier: Apache-2.0
// boot: {method: pyocd}
#include <algorithm>

#include "core/process/words.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/board/wait_usb.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/job_words.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/programmers/programmers.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

class FlashPyocd final : public ProgrammerStep {
public:
    FlashPyocd() : ProgrammerStep{"flash-pyocd", "pyocd", "python3-pyocd"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        for (const auto& deploy : job.definition.actions) {
            const auto* images = deploy.parameters.find("images");
            const auto* map = images ? images->as_map() : nullptr;
            if (deploy.name_space != ns() || !map) continue;
            const bool any = std::any_of(map->begin(), map->end(),
                                         [](const auto& image) { return image.value.find("image_arg") != nullptr; });
            // `--script` and options of its own are Python.
            if (any) need_trust(job, "image_arg holds arguments of pyocd, which", errors);
        }
        co_await ProgrammerStep::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto paths = image_paths(job, ns());
        for (const auto& image : job.state(ns()).images) {
            Command command;
            command.argv = base(job);
            if (image.image_arg.empty()) {
                command.argv.push_back(image.path.string());
            } else {
                for (const auto& word : job_words("image_arg", image.image_arg))
                    command.argv.push_back(substitute(word, paths));
            }
            co_await run_program(job, std::move(command), deadline);
        }
    }

private:
    std::vector<std::string> base(const JobContext& job) const {
        auto argv = program(job);
        const bool is_old = argv.front().ends_with("pyocd-flashtool");
        std::vector<std::string> options;
        for (const auto& option : texts_of(parameters(job).find("options"))) {
            for (auto& word : split_words(option)) options.push_back(std::move(word));
        }
        // Some devices' options begin with the subcommand.
        if (!is_old && (options.empty() || options.front().starts_with('-'))) argv.push_back("flash");
        argv.insert(argv.end(), options.begin(), options.end());
        argv.insert(argv.end(), {is_old ? "--board" : "--uid", device_value(job, "board_id")});
        return argv;
    }
};

class BootPyocd final : public RetryAction {
public:
    BootPyocd() : RetryAction{"boot-pyocd-image", "boot pyocd image with retry"} {}
};

bool connects_first(const JobContext& job) {
    const auto* method = job.description.boot_methods.find("pyocd");
    const auto* parameters = method ? method->find("parameters") : nullptr;
    const auto* flag = parameters ? parameters->find("connect_before_flash") : nullptr;
    return flag && flag->as_bool() && *flag->as_bool();
}

}  // namespace

ActionPtr build_boot_pyocd(const ActionBlock&, const JobContext& job) {
    auto outer = std::make_unique<BootPyocd>();
    auto& boot = outer->add<BootPyocd>();
    add_board_entry(boot, job);
    if (connects_first(job)) boot.add(make_connect_device());
    boot.add<FlashPyocd>();
    if (!connects_first(job)) boot.add(make_connect_device());
    boot.add(make_device_command("pre-os-command", "pre_os_command", "Unable to run pre-os: ", IfMissing::skip));
    return outer;
}

}  // namespace patchbay
