// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/deadline.hpp"
#include "core/process/run_command.hpp"
#include "core/task.hpp"

namespace patchbay {

struct JobContext;

/// Are the job's secrets variables of a program of this host? Only for what the lab has written for it: a program of
/// somebody else may have any number of variables that steer it, such as OPENOCD_SCRIPTS or DOCKER_HOST.
enum class Secrets { withheld, given };

/// Runs one program of this host. Its call, its output line by line (">> text") and its end go to the log. Returns what
/// it printed, too, at most a megabyte of it, whatever its exit code is.
/// Environment: that of the command, LAVA_JOB_ID and, where given, the job's secrets
/// (jobs/actions/secret_environment.hpp).
/// Throws: TimedOut, and then nothing of it runs any more.
Task<CommandOutput> run_logged(JobContext& job, Command command, Deadline deadline,
                               Secrets secrets = Secrets::withheld);

/// The same, without secrets; must end well. `next_step`: what whoever reads the error is to look for.
/// Throws: InfrastructureError, not_run() with that.
Task<std::string> run_program(JobContext& job, Command command, Deadline deadline, std::string next_step = {});

/// "Unable to run: ['a', 'b']; it said: no such partition": LAVA's text, and the last line that the program printed.
std::string not_run(const std::vector<std::string>& argv, std::string_view output);

/// Runs commands of the device's configuration on this host, one after the other, until one fails, as run_logged()
/// does, with the job's secrets. Words are split as a shell does, but no shell runs.
/// Throws: InfrastructureError, `failure_text` + the command.
Task<> run_local_commands(JobContext& job, std::vector<std::string> commands, Deadline deadline,
                          std::string failure_text);

/// Adds an error unless PATH has this program of a Debian package.
void need_program(const std::string& program, const std::string& package, std::vector<std::string>& errors);

}  // namespace patchbay
