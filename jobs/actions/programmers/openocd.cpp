// SPDX-License-Identifier: Apache-2.0
// boot: {method: openocd}
#include "core/whole_file.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/programmers/programmers.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

constexpr auto script_key = "openocd_script";

/// Does a deploy of this namespace bring OpenOCD commands of the job?
bool brings_script(const JobContext& job, const std::string& ns) {
    for (const auto& block : job.definition.actions) {
        const auto* images = block.parameters.find("images");
        if (block.name_space == ns && images && images->find(script_key)) return true;
    }
    return false;
}

class FlashOpenocd final : public ProgrammerStep {
public:
    FlashOpenocd() : ProgrammerStep{"flash-openocd", "openocd", "openocd"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (brings_script(job, ns()))
            need_trust(job, "the image 'openocd_script' holds commands of OpenOCD, which", errors);
        co_await ProgrammerStep::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto paths = image_paths(job, ns());
        const config::Value none;
        const auto* found = parameters(job).find("options");
        const auto& options = found ? *found : none;
        Command command;
        command.argv = program(job);
        const auto add = [&command](const std::string& flag, const std::string& value) {
            command.argv.insert(command.argv.end(), {flag, value});
        };
        // It serves whoever reaches its ports, commands included; the lab's files may open them again.
        for (const auto* port : {"tcl_port", "telnet_port", "gdb_port"}) add("-c", std::string{port} + " disabled");
        if (const auto script = paths.find(script_key); script != paths.end()) {
            add("-f", script->second);
        } else {
            for (const auto& file : texts_of(options.find("file"))) add("-f", file);
        }
        if (const auto selection = config::text_or_empty(method(job).find("board_selection_cmd")); !selection.empty()) {
            const auto file = job.directory / ("board_selection-" + level() + ".cfg");
            write_whole_file(file, selection + "\n");
            add("-f", file.string());
        }
        if (const auto debug = config::text_or_empty(options.find("debug")); !debug.empty()) {
            command.argv.push_back("-d" + debug);
        }
        for (const auto& folder : texts_of(options.find("search"))) add("-s", folder);
        for (const auto& each : texts_of(options.find("command"))) add("-c", substitute(each, paths));
        co_await run_program(job, std::move(command), deadline);
    }
};

class BootOpenocd final : public RetryAction {
public:
    BootOpenocd() : RetryAction{"boot-openocd-image", "boot openocd image with retry"} {}
};

}  // namespace

ActionPtr build_boot_openocd(const ActionBlock&, const JobContext& job) {
    auto boot = std::make_unique<BootOpenocd>();
    add_board_entry(*boot, job);
    boot->add(make_connect_device());
    boot->add<FlashOpenocd>();
    return boot;
}

}  // namespace patchbay
