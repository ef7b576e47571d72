// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/deadline.hpp"
#include "core/task.hpp"

namespace patchbay {

struct JobContext;

/// Runs commands of the device's configuration on this host, one after the other, until one fails. Output goes to
/// the log line by line (">> text"). Words are split as a shell does, but no shell runs.
/// Environment: the job's secrets (jobs/actions/secret_environment.hpp) and LAVA_JOB_ID.
/// Throws: InfrastructureError, `failure_text` + the command.
Task<> run_local_commands(JobContext& job, std::vector<std::string> commands, Deadline deadline,
                          std::string failure_text);

}  // namespace patchbay
