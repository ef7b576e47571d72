// SPDX-License-Identifier: Apache-2.0
#pragma once
// When does a job notify? (lava_scheduler_app/notifications.py, notification_criteria)
// Pure.

#include "daemon/notify/notify_map.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// A job has just come to this state.
struct Transition {
    JobState state = JobState::running;
    JobHealth health = JobHealth::unknown;
    /// How the last job of the same submitter and name had ended. LAVA remembers the previous health of the same job,
    /// which ends only once, so that its regressions hardly ever fire.
    JobHealth previous = JobHealth::unknown;
};

/// Only Running and Finished are told. `type` matters to `complete` and `incomplete` alone.
bool fires(const NotifyCriteria& criteria, const Transition& now);

}  // namespace patchbay
