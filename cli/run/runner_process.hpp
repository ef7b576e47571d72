// SPDX-License-Identifier: Apache-2.0
#pragma once
// patchbay-runner as a child of ours: its records as they come, and our signals handed on.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/session.hpp"
#include "cli/terminal.hpp"

namespace patchbay::cli {

std::filesystem::path own_program();
/// Another program of ours, beside this one, else in PATH. Throws: UserError when it is in neither place.
std::filesystem::path find_program(const std::string& name, const std::filesystem::path& own_program,
                                   const Environment& environment);

/// This process becomes the program `words[0]`, with the rest as its arguments. Throws: UserError when it cannot be
/// started; it never returns.
[[noreturn]] void become_program(std::vector<std::string> words, Session& session);

/// How the child ended.
struct RunnerEnd {
    int code = 0;    ///< exit code; -1 when a signal ended it
    int signal = 0;  ///< 0 when it ended by itself
    int signals_sent = 0;
};

/// Who listens to a running child.
struct RunnerEvents {
    std::function<void(std::string_view)> line;  ///< one line of its stderr, without the line end
    std::function<void(int)> stopping;           ///< SIGTERM was sent for the n-th time
    std::function<void()> idle;                  ///< everything that had come was handed over
};

/// Runs `arguments` (the first is the program) with stderr read by us, stdin empty, stdout on our stderr. SIGINT,
/// SIGTERM and SIGHUP to us become a SIGTERM to the child, each time: the first cancels the job cleanly. The child is
/// told to stop when we die. Blocks until it is gone and its last line was handed over; a program that it left behind
/// holding its stderr does not keep us. Throws: UserError when it cannot be started.
RunnerEnd run_runner(const std::vector<std::string>& arguments, const RunnerEvents& events);

}  // namespace patchbay::cli
