// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/deadline.hpp"
#include "core/process/command.hpp"
#include "core/task.hpp"

namespace patchbay {

struct CommandResult {
    int exit_code = 0;  ///< 128 + signal when it was killed
    Clock::duration took{0};
    bool ok() const { return exit_code == 0; }
};

/// Gets each line of output and error output, without its line end ("\n" or "\r\n"); also the last, unfinished one.
using OnLine = std::function<void(std::string_view line)>;

/// Runs a command to its end. Its input is empty. Lines longer than 64 KiB are given in pieces.
/// What the command left running in the background goes on, with an AdmitAll until its lease ends; its output is not
/// waited for.
/// Throws: InfrastructureError (cannot start), TimedOut (its group was stopped).
/// Cancellation: the group is stopped and reaped, then it unwinds.
Task<CommandResult> run_command(Command command, OnLine on_line, Deadline deadline);

/// The same, and returns what was printed, at most `limit` bytes of it.
struct CommandOutput {
    int exit_code = 0;
    std::string text;
};
Task<CommandOutput> capture_command(Command command, Deadline deadline, std::size_t limit = 1024 * 1024);

}  // namespace patchbay
