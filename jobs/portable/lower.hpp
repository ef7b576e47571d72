// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/config/value.hpp"
#include "core/errors.hpp"
#include "jobs/portable/portable_job.hpp"
#include "jobs/portable/recipe.hpp"

namespace patchbay {

/// The LAVA job that this job is on that device type: what is printed, stored and run.
/// Throws: JobError, cannot_run()'s sentence.
config::Map lower(const PortableJob& job, const Recipe& recipe);

}  // namespace patchbay
