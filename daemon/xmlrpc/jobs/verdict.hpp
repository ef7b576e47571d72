// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a job is called and what became of it, in LAVA's words.

#include <string_view>

#include "core/config/value.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay::rpc {

/// A number; a text, its sub id, of a part of a multinode job.
config::Value shown_id(const JobRow& job);

/// The one word that LAVA had before state and health: "Submitted", "Running", "Complete", "Incomplete", "Canceled",
/// "Canceling". SQUAD compares it.
std::string_view legacy_status(const JobRow& job);

/// Sets `error_msg` and `error_type`: those of the `lava/job` result, or nil.
void set_error(config::Map& map, const JobRow& job, Database& db);

}  // namespace patchbay::rpc
