// SPDX-License-Identifier: Apache-2.0
#pragma once
// From the URL that a job writes to the one that is called (lava_scheduler_app/notifications.py). Pure.

#include <string>
#include <string_view>

#include "daemon/store/rows.hpp"

namespace patchbay {

/// The number and word of a job's state in LAVA's first generation: {2, "complete"} (lava_scheduler_app/models.py,
/// get_legacy_status). Callbacks still carry it.
struct LegacyStatus {
    int number = 0;
    std::string_view word;
};
LegacyStatus legacy_status(JobState state, JobHealth health);

/// "2026-11-22 08:53:49.906732+00:00", or Python's "None".
std::string python_time(const std::optional<WallTime>& time);

/// Fills each "{ NAME }" that names one of the facts about the job that a URL may carry; others stay. What must not
/// stand in a URL is written as %XX. The state is that of `job`.
std::string callback_url(std::string_view url, const JobRow& job);

/// Scheme, host and port in lower case, without user and password: who is called.
std::string receiver_of(std::string_view url);

}  // namespace patchbay
