// SPDX-License-Identifier: Apache-2.0
#pragma once
// Removes jobs and logs that are older than the lab wants to keep them. By default nothing ever goes.

#include <chrono>

#include "core/task.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

struct Retention {
    std::chrono::seconds jobs{0};   ///< after their end, with everything about them; 0: for ever
    std::chrono::seconds logs{0};   ///< of finished jobs, whose results stay; 0: as long as the job
    std::chrono::seconds audit{0};  ///< who did what; 0: for ever
};

/// Looks for what is old now and every hour, until cancelled. Each piece is a transaction of its own with a pause after
/// it, so that submissions and runners come first.
Task<> keep_for(Store& store, Retention retention);

/// Logs how large the store is.
void report_size(Store& store);

}  // namespace patchbay
