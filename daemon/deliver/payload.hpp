// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a callback says about its job before log and results: LAVA's fields in LAVA's order
// (lava_scheduler_app/notifications.py, create_callback_data). Pure.

#include <string>

#include "daemon/notify/notify_map.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// The job as it was when it came to `state`: of a Running one nothing is told that happened later.
JobRow job_at(JobRow job, JobState state, JobHealth health);

/// `definition`: as whoever is not the submitter may read it. `email`: the submitter's.
/// json: an object without its closing brace; urlencoded: pairs joined by '&', without what is null, and of the
/// metadata only the keys, as Python's requests makes a form of it.
std::string payload_head(const JobRow& job, const std::string& definition, const std::string& email, ContentType type);

}  // namespace patchbay
