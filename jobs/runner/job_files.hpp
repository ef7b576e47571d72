// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "core/config/value.hpp"
#include "devices/description.hpp"
#include "jobs/actions/cancellation.hpp"
#include "jobs/actions/job_log.hpp"
#include "jobs/actions/run_job.hpp"
#include "jobs/actions/settings.hpp"

namespace patchbay {

/// What a job needs, wherever it came from.
struct JobFiles {
    std::string id;           ///< "42"
    std::string scope_token;  ///< marks every process that is started for it
    std::string definition;   ///< YAML
    DeviceDescription description;
    RunnerSettings settings;
    bool validate_only = false;
    GroupLink* group = nullptr;                           ///< of a lease; null when no daemon is there
    std::vector<std::string> secrets;                     ///< masked in the log, beside those of the job
    std::function<void(const config::Value&)> described;  ///< gets the pipeline's description; may be empty
};

/// What fails before there is a job is logged as its end, and is an outcome like any other.
JobOutcome report_setup_failure(JobLog& log, std::exception_ptr failure);

/// Parses, builds the device from its drivers, runs the job. What fails before the job began is an outcome, too.
Task<JobOutcome> run_files(JobFiles files, JobLog& log, Cancellation& cancellation);

}  // namespace patchbay
