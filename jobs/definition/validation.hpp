// SPDX-License-Identifier: Apache-2.0
#pragma once
// What LAVA's "validate" says about a job or a test definition file: a report, no refusal. It looks at everything, and
// is neither a part of the gate (submission.hpp) nor stricter than it in all things.

#include <optional>

#include "core/config/value.hpp"
#include "jobs/definition/job_problem.hpp"

namespace patchbay {

/// Unknown keys are ignored, or refused wherever they are.
enum class Strictness { lenient, strict };

std::optional<JobProblem> validate_job(const config::Value& job, Strictness strictness);

/// LAVA's answer is the problem's text(): "expected str @ data['run']['steps'][0]".
std::optional<schema::Problem> validate_test_definition(const config::Value& definition);

}  // namespace patchbay
