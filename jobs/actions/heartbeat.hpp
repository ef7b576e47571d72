// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/task.hpp"
#include "jobs/actions/job_log.hpp"

namespace patchbay {

/// So long nothing is written before the log says that the job goes on. Mesa's submitter cancels a job that was silent
/// for five minutes (.gitlab-ci/lava/lava_job_submitter.py, DEVICE_HANGING_TIMEOUT_SEC).
inline constexpr std::chrono::seconds longest_silence{60};

/// A debug line whenever nothing was written for so long. Ends by cancellation.
Task<> beat(JobLog& log);

}  // namespace patchbay
