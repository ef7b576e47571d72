// SPDX-License-Identifier: Apache-2.0
#include "core/last_line.hpp"
#include "core/process/spawn.hpp"
#include "jobs/actions/board/usb_bus.hpp"
#include "jobs/actions/container.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/programmers/programmers.hpp"
#include "jobs/actions/uuu/uuu.hpp"

namespace patchbay {
namespace {

/// The block's own, else the device's. nullopt: this host runs it.
std::optional<ContainerImage> container_of(const JobContext& job, const ActionBlock& block,
                                           std::vector<std::string>& errors) {
    if (auto own = read_container(block.parameters.find("docker"), errors)) return own;
    const auto* image = uuu_option(job, "docker_image");
    if (!image) return std::nullopt;
    const config::Value docker{config::Map{{"image", *image}}};
    return read_container(&docker, errors);
}

bool uses_bcu(const ActionBlock& block) {
    for (const auto& [protocol, arguments] : uuu_commands(block)) {
        if (protocol == "bcu") return true;
    }
    return false;
}

}  // namespace

const config::Value* uuu_option(const JobContext& job, std::string_view key) {
    const auto* method = job.description.boot_methods.find("uuu");
    const auto* options = method ? method->find("options") : nullptr;
    const auto* value = options ? options->find(key) : nullptr;
    const bool empty = !value || value->is_null() || (value->as_string() && value->as_string()->empty()) ||
                       (value->as_list() && value->as_list()->empty());
    return empty ? nullptr : value;
}

std::vector<std::string> uuu_words(const UuuState& state) {
    std::vector<std::string> words{"uuu"};
    for (const auto& path : state.usb_paths) words.insert(words.end(), {"-m", path});
    return words;
}

std::vector<std::string> bcu_words(const JobContext& job, const UuuState& state, std::vector<std::string> words) {
    words.insert(words.begin(), "bcu");
    words.push_back("-board=" + config::text_or_empty(uuu_option(job, "bcu_board_name")));
    words.push_back("-id=" + state.bcu_id);
    return words;
}

std::vector<std::pair<std::string, std::string>> uuu_commands(const ActionBlock& block) {
    const auto* list = block.parameters.find("commands");
    std::vector<std::pair<std::string, std::string>> commands;
    for (const auto& entry : list && list->as_list() ? *list->as_list() : config::List{}) {
        for (const auto& [protocol, arguments] : entry.as_map() ? *entry.as_map() : config::Map{}) {
            commands.emplace_back(config::python_str(protocol), config::python_str(arguments));
        }
    }
    if (commands.empty()) {
        throw JobError{
            "boot method uuu: 'commands' must be a list of one-key maps, of a protocol and its arguments, such as "
            "[{uuu: '-b sd {boot}'}]"};
    }
    return commands;
}

Task<CommandOutput> run_uuu(JobContext& job, const ActionBlock& block, std::string level, std::vector<std::string> argv,
                            Deadline deadline) {
    std::vector<std::string> errors;
    auto image = container_of(job, block, errors);
    if (!image) {
        Command command;
        command.argv = std::move(argv);
        co_return co_await run_logged(job, std::move(command), deadline);
    }
    co_await fetch_image(job, *image, deadline);
    Container container{job, *image, level};
    for (const auto& each : job.state(block.name_space).images) {
        container.mount(each.path, Container::Access::read);
    }
    give_usb_bus(job, container);
    co_return co_await run_container(job, std::move(container), std::move(argv), deadline);
}

void check_uuu(const JobContext& job, const ActionBlock& block, std::vector<std::string>& errors) {
    const bool in_container = container_of(job, block, errors).has_value();
    if (in_container) {
        need_containers(errors);
    } else {
        need_program("uuu", "uuu", errors);
        if (uses_bcu(block) && !find_program("bcu")) {
            errors.push_back(
                "the program 'bcu' is not installed on this host; NXP publishes it (github.com/nxp-imx/bcu)");
        }
    }
    if (uuu_option(job, "remote_options")) {
        errors.push_back(
            "remote_options of boot method uuu: a container on another host is not available here; make that host a "
            "worker");
    }
    need_trust(job, "uuu, which runs scripts out of images, and reaches every board on USB,", errors);
}

std::string uuu_failure(const std::vector<std::string>& argv, const CommandOutput& output) {
    const auto last = last_line(output.text);
    return "Fail UUUBootAction on cmd : " + python_list(argv) + "; it ended with return code " +
           std::to_string(output.exit_code) + (last.empty() ? ", without a word" : ": '" + std::string{last} + "'") +
           "; is the board plugged in at the place that usb_otg_path of the device names (uuu -lsusb), and may the "
           "runner use it?";
}

}  // namespace patchbay
