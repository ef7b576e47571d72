// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/definition/job_problem.hpp"
#include "jobs/definition/schema.hpp"
#include "jobs/definition/submission.hpp"

namespace patchbay {

/// The whole job; unknown keys are refused except where a body says otherwise.
schema::Rule submission_schema(RetiredProtocols retired);
/// The values of `actions`.
schema::Rule submission_action_schema();
/// The value of `notify`.
schema::Rule submission_notify_schema();
/// {minutes: 5}, with at most one unit.
schema::Rule submission_duration_schema();
/// The value of `context`, of the job or of a role.
schema::Rule submission_context_schema();
/// The keys of `context` that LAVA knows.
const std::vector<std::string>& context_variables();

/// In the gate's form: the place is in the message.
JobProblem as_job_problem(schema::Problem problem);
/// What is wrong with the multinode part of a job that passed the schema.
std::optional<JobProblem> multinode_problem(const config::Value& job);

}  // namespace patchbay
