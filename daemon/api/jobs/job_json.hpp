// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/api/json_writer.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// The job object as `user` may see it, fields in LAVA's order (lava_rest_app/v02/serializers.py, TestJobSerializer).
void write_job(JsonWriter& json, const JobRow& job, const std::optional<UserRow>& user);

/// The definitions of a job as `user` may read them: to all but submitter and superusers every value below `secrets` is
/// "[MASKED]".
struct ShownDefinitions {
    std::string definition, original_definition;
    std::string multinode_definition;  ///< empty but of the parts of a multinode job
};
ShownDefinitions shown_definitions(const JobRow& job, const std::optional<UserRow>& user);

/// What `user` submits anew: the dumped definition becomes the new job's original, as in LAVA; of a part the text of
/// the whole multinode job. Without the secrets of somebody else.
std::string text_to_resubmit(const JobRow& job, const std::optional<UserRow>& user);

/// The definition's metadata as LAVA shows it: containers in Python's notation.
std::vector<std::pair<std::string, std::string>> shown_metadata(const JobRow& job);

}  // namespace patchbay
