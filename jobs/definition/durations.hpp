// SPDX-License-Identifier: Apache-2.0
#pragma once
// The durations of a job, compared with the whole job's (lava_common/schemas/__init__.py, lava_common/timeout.py).

#include <optional>

#include "core/config/value.hpp"
#include "jobs/definition/job_problem.hpp"

namespace patchbay {

// Both take a job whose outline passed the large schema.

/// The first that is longer than the job's own.
std::optional<JobProblem> long_duration(const config::Value& job);
/// The first that cannot be counted. The schema takes some when unknown keys are ignored; LAVA's code breaks on them.
std::optional<JobProblem> broken_duration(const config::Value& job);

}  // namespace patchbay
