// SPDX-License-Identifier: Apache-2.0
#pragma once
// The gate that every submitted job passes (lava_scheduler_app/schema.py). It looks at the outline of a job only; what
// is inside deploy, boot and test is judged when the job runs, or by validate().

#include <optional>
#include <string_view>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "jobs/definition/job_problem.hpp"

namespace patchbay {

/// A job that cannot be taken; what() is LAVA's text without "Problem with submitted job data: ".
struct SubmissionError : JobError {
    using JobError::JobError;
};

/// `protocols` of LAVA 2023.01 that later ones refuse, lava-lxc and lava-vland: stored, not run.
enum class RetiredProtocols { accepted, refused };

/// Reads the text of a job.
/// Throws: SubmissionError, "Loading job submission failed: <the parser's words>."
config::Value load_submission(std::string_view text, const config::YamlLimits& limits = {});

/// The first thing that is wrong with a job, or nothing. Device types, tags, users and groups are not looked at, and a
/// job that is not multinode may lack `device_type`: those need the store.
std::optional<JobProblem> submission_problem(const config::Value& job,
                                             RetiredProtocols retired = RetiredProtocols::accepted);

/// Both. Throws: SubmissionError.
config::Value read_submission(std::string_view text, RetiredProtocols retired = RetiredProtocols::accepted);

}  // namespace patchbay
