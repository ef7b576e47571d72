// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "jobs/definition/schema.hpp"

namespace patchbay {

/// What LAVA says is wrong with a job.
struct JobProblem {
    /// The gate's words name their place ("expected str @ data['tags'][0]"), those of the large schema do not.
    std::string message;
    schema::Path path;  ///< empty where LAVA names none
    /// As the large schema's problems are printed: "required key not provided @ ['actions']".
    std::string message_at_path() const { return message + " @ " + path.as_list(); }
};

}  // namespace patchbay
