// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/config/value.hpp"
#include "core/errors.hpp"
#include "core/task.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {

/// How a job ended: the content of its last result record, lava/job.
struct JobOutcome {
    std::optional<ErrorType> error;  ///< empty: it finished correctly
    std::string error_msg;
    bool device_is_safe = true;  ///< false: it could not be switched off, whoever holds the lease has to see to it

    bool passed() const { return !error; }
    /// {"definition": "lava", "case": "job", "result": ...}
    config::Map record() const;
};

enum class JobExtent { run, validate };

/// Runs a whole job: validate, the actions, finalize, cleanup. The device is off afterwards on every path.
/// Never throws for what goes wrong in the job: that is the outcome. Logs everything, the lava/job result last.
/// Cancellation: by job.cancellation only; the cleanup is not cancelled.
/// `described` gets the pipeline's description.yaml as soon as it is known.
Task<JobOutcome> run_job(JobContext& job, JobExtent extent, std::function<void(const config::Value&)> described);

}  // namespace patchbay
