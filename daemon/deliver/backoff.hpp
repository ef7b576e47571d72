// SPDX-License-Identifier: Apache-2.0
#pragma once
// What becomes of a notification after an attempt. Pure.

#include <chrono>
#include <optional>

#include "daemon/deliver/attempt.hpp"
#include "daemon/lab/notification_settings.hpp"
#include "daemon/store/outbox.hpp"

namespace patchbay {

/// How an HTTP status is taken: 2xx is sent; 408, 429 and 5xx may pass; all else would be answered the same again.
Attempt::Kind meaning_of_status(long status);

/// What is noted after `attempt` on `row`. `spread` in [-1, 1]: so that what failed together does not come back
/// together, the pause is up to a fifth shorter or longer.
AttemptRecord after_attempt(const NotificationRow& row, const Attempt& attempt, const NotificationSettings& settings,
                            WallTime now, double spread);

}  // namespace patchbay
