// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/errors.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/database.hpp"

namespace patchbay {

/// More jobs would make the queue longer than the lab lets it be.
struct QueueFull : JobError {
    using JobError::JobError;
};

/// In the transaction that would add so many jobs of this user. Throws: QueueFull naming the limit and the next step.
void check_queue(Database& db, UserId submitter, const QueueLimits& limits, std::int64_t newcomers = 1);

}  // namespace patchbay
