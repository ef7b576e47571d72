// SPDX-License-Identifier: Apache-2.0
#pragma once
// From the text of a job to LAVA's judgement on it, by the schema that is asked for. What makes LAVA's own validation
// crash (HTTP 500: text that is no YAML, a duration of null) is a problem like any other here.

#include <optional>
#include <string_view>

#include "core/config/yaml.hpp"
#include "jobs/definition/job_problem.hpp"

namespace patchbay {

/// LAVA has two schemas, and neither contains the other (lava_scheduler_app/schema.py, lava_common/schemas).
enum class JobSchema {
    gate,   ///< decides about a submission, in the newest LAVA: without the protocols that it retired (submission.hpp)
    full,   ///< looks inside the actions; unknown keys are ignored
    strict  ///< the same; unknown keys are refused wherever they are
};

/// The first thing that is wrong, or nothing. Text that is no YAML, or beyond a limit, is a problem without a path.
/// Takes as long as the text is large: in a server it belongs on a worker.
std::optional<JobProblem> judge_job(std::string_view text, JobSchema schema, const config::YamlLimits& limits = {});

}  // namespace patchbay
