// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "jobs/definition/validation.hpp"

namespace patchbay {

/// What LAVA's validation finds wrong with the text of a job; of what is no YAML the parser's words, at the path "[]".
/// Takes as long as the text is large: belongs on a worker.
std::optional<ValidationProblem> job_problem(const std::string& text, Strictness strictness);

}  // namespace patchbay
