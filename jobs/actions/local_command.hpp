// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/deadline.hpp"
#include "core/process/run_command.hpp"
#include "core/task.hpp"

namespace patchbay {

struct JobContext;

/// Runs one program of this host. Its call, its output line by line (">> text") and its end go to the log. Returns what
/// it printed, too, at most a megabyte of it, whatever its exit code is.
/// Environment: that of the command, the job's secrets (jobs/actions/secret_environment.hpp) and LAVA_JOB_ID.
/// Throws: TimedOut, and then nothing of it runs any more.
Task<CommandOutput> run_logged(JobContext& job, Command command, Deadline deadline);

/// The same; must end well. Throws: InfrastructureError, "Unable to run: ['a', 'b']".
Task<std::string> run_program(JobContext& job, Command command, Deadline deadline);

/// Runs commands of the device's configuration on this host, one after the other, until one fails, as run_logged()
/// does. Words are split as a shell does, but no shell runs.
/// Throws: InfrastructureError, `failure_text` + the command.
Task<> run_local_commands(JobContext& job, std::vector<std::string> commands, Deadline deadline,
                          std::string failure_text);

/// Adds an error unless PATH has this program of a Debian package.
void need_program(const std::string& program, const std::string& package, std::vector<std::string>& errors);

}  // namespace patchbay
