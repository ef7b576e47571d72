// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace patchbay {

struct JobContext;

/// Can a variable of a shell be called so?
bool is_variable(std::string_view name);
/// May a job choose the value of this variable for programs that run on this host? Not of one that makes a shell, the
/// loader or git run or read something else (PATH, LD_PRELOAD, GIT_SSH_COMMAND), nor of one that the lab has set.
bool is_free_variable(std::string_view name);

/// The job's secrets as variables for the lab's own commands on this host; LAVA gives them all. Those that are not free
/// are left out, with a warning in the log, unless the lab's setting `trusted_jobs` is on.
std::map<std::string, std::string> secret_environment(JobContext& job);

}  // namespace patchbay
