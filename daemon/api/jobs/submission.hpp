// SPDX-License-Identifier: Apache-2.0
#pragma once
// From the text that somebody submits to the row that is stored, with LAVA's checks in LAVA's order
// (lava-server.md sections 3.2, 3.4 and 3.7).

#include <string>

#include "core/config/value.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// A definition that LAVA's submission schema accepts.
struct CheckedDefinition {
    config::Map document;
    std::string definition;           ///< dumped again, keys sorted
    std::string original_definition;  ///< as it came
    std::string metadata;             ///< JSON object, scalars as strings
};

/// Pure, and takes as long as the text is large: belongs on a worker.
/// Throws: ApiError 400 {"message":"Problem with submitted job data: <text>"}.
CheckedDefinition check_definition(std::string text);

/// Checks what only the lab knows: device type, devices, tags, priority, visibility.
/// Throws: ApiError 400 {"message":...}.
NewJob make_job(CheckedDefinition checked, UserId submitter, Database& db, const Settings& settings);

}  // namespace patchbay
