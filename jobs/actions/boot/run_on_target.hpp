// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/deadline.hpp"
#include "core/task.hpp"

namespace patchbay {

class ConsoleSession;

/// Runs a line of the target's shell and returns its return code, which the shell is asked for; its prompt has come
/// then. `what` begins errors. Throws: JobError, no answer by `limit`.
Task<int> run_on_target(ConsoleSession& console, std::string what, std::string line, Deadline limit);

/// "<what>: '<line>' failed on the target with return code 1"
std::string failure_on_target(const std::string& what, const std::string& line, int code);

}  // namespace patchbay
