// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/clock.hpp"
#include "core/task.hpp"

namespace patchbay {

/// Done when: `timer` is cancelled, which is how others wake whoever waits, or `until` has come; the caller looks
/// which. Cancellation: throws operation_aborted. `timer` must outlive it.
Task<> sleep_until_woken(Timer& timer, Clock::time_point until);

}  // namespace patchbay
