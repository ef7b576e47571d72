// SPDX-License-Identifier: Apache-2.0
#pragma once
// The definitions of a job as somebody may read them: to all but submitter and superusers every value below `secrets`
// is "[MASKED]".

#include <optional>
#include <string>

#include "core/task.hpp"
#include "daemon/services.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// Who may read the job as it was handed in, and so run the same again.
bool may_see_secrets(const JobRow& job, const std::optional<UserRow>& user);

struct ShownDefinitions {
    std::string definition, original_definition;
    std::string multinode_definition;  ///< empty but of the parts of a multinode job
};

/// For the io thread: parses nothing. nullopt: masked texts of this job are not in the store, as it is from a time
/// before they were kept.
std::optional<ShownDefinitions> stored_definitions(Database& db, const JobRow& job, const std::optional<UserRow>& user);

/// For workers: masks the texts itself when the store has no masked ones, which takes as long as parsing them.
ShownDefinitions shown_definitions(Database& db, const JobRow& job, const std::optional<UserRow>& user);

/// For handlers: what has to be masked is masked by the checkers.
Task<ShownDefinitions> shown_definitions(Services& lab, const JobRow& job, const std::optional<UserRow>& user);

/// What `user` submits anew: the dumped definition becomes the new job's original, as in LAVA; of a part the text of
/// the whole multinode job. Without the secrets of somebody else.
Task<std::string> text_to_resubmit(Services& lab, const JobRow& job, const std::optional<UserRow>& user);

}  // namespace patchbay
