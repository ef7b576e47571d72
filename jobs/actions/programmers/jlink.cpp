// SPDX-License-Identifier: Apache-2.0
// boot: {method: jlink}
#include <algorithm>

#include "core/process/words.hpp"
#include "core/whole_file.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/board/wait_usb.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/programmers/programmers.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

class FlashJlink final : public ProgrammerStep {
public:
    FlashJlink() : ProgrammerStep{"flash-jlink", "jlink", "jlink (of SEGGER)"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (block().parameters.contains("commands"))
            need_trust(job, "'commands' holds commands of J-Link, which", errors);
        const auto wanted = core_type();
        const auto known = texts_of(parameters(job).find("supported_core_types"));
        if (!wanted.empty() && std::find(known.begin(), known.end(), wanted) == known.end()) {
            errors.push_back("coretype '" + wanted + "' is none of the device's: " + python_list(known));
        }
        if (config::text_or_empty(parameters(job).find("processor")).empty()) {
            errors.push_back("the device's boot.methods.jlink.parameters has no 'processor'");
        }
        co_await ProgrammerStep::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto script = job.directory / ("jlink-" + level() + ".cmd");
        std::string text;
        for (const auto& line : script_lines(job)) text += line + "\n";
        write_whole_file(script, text);
        Command command;
        command.argv = program(job);
        const auto core = core_type();
        command.argv.insert(command.argv.end(), {"-device", config::text_or_empty(parameters(job).find("processor")) +
                                                                (core.empty() ? "" : "_" + core)});
        for (const auto& option : texts_of(parameters(job).find("options"))) {
            for (auto& word : split_words(option)) command.argv.push_back(std::move(word));
        }
        command.argv.insert(command.argv.end(), {"-autoconnect", "1", "-NoGui", "1", "-CommanderScript",
                                                 script.string(), "-SelectEmuBySN", device_value(job, "board_id")});
        const auto output = co_await run_program(job, std::move(command), deadline);
        if (output.find("Connecting to J-Link via USB...FAILED") != std::string::npos) {
            throw JobError{"Unable to connect to J-Link"};
        }
    }

private:
    std::string core_type() const { return config::text_or_empty(block().parameters.find("coretype")); }

    std::vector<std::string> script_lines(JobContext& job) const {
        const auto paths = image_paths(job, ns());
        std::vector<std::string> lines;
        const auto add = [&lines](const std::vector<std::string>& more) {
            lines.insert(lines.end(), more.begin(), more.end());
        };
        if (const auto own = texts_of(block().parameters.find("commands")); !own.empty()) {
            for (const auto& line : own) lines.push_back(substitute(line, paths));
            lines.push_back("qc");
            return lines;
        }
        add({"r", "h", "sleep 500"});
        add(texts_of(parameters(job).find("erase_command")));
        const auto address = hexadecimal(parameters(job).find("address"));
        for (const auto& image : job.state(ns()).images) {
            lines.push_back("loadfile " + image.path.string() + " " + address);
            lines.push_back("verifybin " + image.path.string() + " " + address);
        }
        add(texts_of(parameters(job).find("reset_command")));
        lines.push_back("qc");
        return lines;
    }

    /// 0x0; templates give a number or a text.
    static std::string hexadecimal(const config::Value* value) {
        const auto* number = value ? value->as_int() : nullptr;
        if (!number) return value && !value->is_null() ? config::python_str(*value) : "0x0";
        constexpr auto digits = "0123456789abcdef";
        std::string text;
        for (auto left = static_cast<std::uint64_t>(*number); left != 0; left /= 16)
            text.insert(0, 1, digits[left % 16]);
        return "0x" + (text.empty() ? "0" : text);
    }
};

class BootJlink final : public RetryAction {
public:
    BootJlink() : RetryAction{"boot-jlink-image", "boot jlink image with retry"} {}
};

}  // namespace

ActionPtr build_boot_jlink(const ActionBlock& block, const JobContext& job) {
    auto boot = std::make_unique<BootJlink>();
    add_board_entry(*boot, job);
    boot->add(make_connect_device());
    boot->add<FlashJlink>();
    add_boot_tail(*boot, block, job);
    return boot;
}

}  // namespace patchbay
