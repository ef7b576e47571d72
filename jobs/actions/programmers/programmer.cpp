// SPDX-License-Identifier: Apache-2.0
#include "core/process/words.hpp"
#include "core/text.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/board/wait_usb.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/programmers/programmers.hpp"

namespace patchbay {
namespace {

const config::Value nothing;

/// Tcl, GDB and J-Link's scripts have blanks, brackets, semicolons and more between and in their commands.
bool is_plain(const std::string& path) {
    constexpr auto allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,=:@%~";
    return path.find_first_not_of(allowed) == std::string::npos;
}

}  // namespace

const config::Value& Programmer::method(const JobContext& job) const {
    const auto* found = job.description.boot_methods.find(method_);
    return found ? *found : nothing;
}

const config::Value& Programmer::parameters(const JobContext& job) const {
    const auto* found = method(job).find("parameters");
    return found ? *found : nothing;
}

std::vector<std::string> Programmer::program(const JobContext& job) const {
    return split_words(config::text_or_empty(parameters(job).find("command")));
}

void Programmer::validate(const JobContext& job, std::vector<std::string>& errors) const {
    const auto words = program(job);
    if (words.empty()) {
        errors.push_back("the device's boot.methods." + method_ + ".parameters has no 'command'");
    } else {
        need_program(words.front(), package_, errors);
    }
    const auto board = device_value(job, "board_id");
    if (is_unset_serial(board)) errors.push_back("board_id unset; it is the serial number of the board's debug probe");
}

Substitutions image_paths(JobContext& job, const std::string& ns) {
    Substitutions paths;
    for (const auto& image : job.state(ns).images) {
        const auto path = image.path.string();
        if (!is_plain(path)) {
            throw JobError{"the name of the file '" + path +
                           "' holds characters that programmers take for commands; give it a name of letters and "
                           "digits"};
        }
        paths[image.key] = paths[upper_case(image.key)] = path;
    }
    if (paths.empty()) {
        throw JobError{"there is nothing to write: no deploy of namespace '" + ns + "' has fetched an image"};
    }
    return paths;
}

void add_board_entry(Action& boot, const JobContext& job) {
    if (!is_resettable(job)) return;
    boot.add(make_reset_device(job));
    boot.add(make_wait_device_boardid(job));
}

void need_trust(const JobContext& job, const std::string& what, std::vector<std::string>& errors) {
    if (job.settings.trusted_jobs) return;
    errors.push_back(what +
                     " could run any program of this host, and this lab does not trust jobs that far; put it into the "
                     "device's file, or set 'trusted_jobs' (docs/configuration.md)");
}

}  // namespace patchbay
