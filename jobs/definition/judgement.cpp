// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/judgement.hpp"

#include "jobs/definition/submission.hpp"
#include "jobs/definition/validation.hpp"

namespace patchbay {
namespace {

std::optional<JobProblem> judge_at_gate(std::string_view text, const config::YamlLimits& limits) {
    try {
        return submission_problem(load_submission(text, limits), RetiredProtocols::refused);
    } catch (const SubmissionError& error) {
        return JobProblem{error.what(), {}};
    }
}

}  // namespace

std::optional<JobProblem> judge_job(std::string_view text, JobSchema schema, const config::YamlLimits& limits) {
    if (schema == JobSchema::gate) return judge_at_gate(text, limits);
    try {
        return validate_job(config::parse_yaml(text, limits),
                            schema == JobSchema::strict ? Strictness::strict : Strictness::lenient);
    } catch (const config::YamlError& error) {
        return JobProblem{error.what(), {}};
    }
}

}  // namespace patchbay
