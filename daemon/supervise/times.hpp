// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "core/clock.hpp"

namespace patchbay {

/// How patient a supervisor is.
struct SupervisorTimes {
    Clock::duration busy_pause = 25ms;     ///< least time between two transactions of one busy lease
    Clock::duration look_anyway = 1s;      ///< look at the journal when the control socket is silent
    Clock::duration terminate_after = 5s;  ///< SIGTERM to a runner that could not be told of a cancellation
    Clock::duration kill_after = 120s;  ///< SIGKILL to one that was cancelled and does not end; power_off_time() later
    Clock::duration outcome_grace = 30s;  ///< SIGKILL to one that has written its outcome and does not end
    /// SIGKILL to one that has no outcome so long after its job's time-out: clean-up may take 5 min. What the
    /// device may take to be switched off is added.
    Clock::duration overtime = 10min;
    Clock::duration safe_limit = 120s;    ///< for one attempt to reach the safe state; power_off_time() more
    Clock::duration kill_patience = 10s;  ///< for the end of such an attempt, or of a runner, that was killed
    Clock::duration retry_first = 1s;     ///< pause before the next attempt; doubled each time
    Clock::duration retry_longest = 60s;
    /// For the start of a runner's unit: the one before it may have to be cleared away, and the machine be busy.
    Clock::duration unit_patience = 120s;
    Clock::duration store_retry = 2s;  ///< the store refused a write (disk full)
};

}  // namespace patchbay
