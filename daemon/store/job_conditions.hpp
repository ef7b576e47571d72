// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/bound_filter.hpp"

namespace patchbay {

/// Adds the conditions of a list of jobs, written so that the engine chooses the index that leads to few of them. It
/// does not know what a lab's jobs are like: nearly all are Finished.
void add_job_conditions(BoundFilter& bound, const Query& query);

}  // namespace patchbay
