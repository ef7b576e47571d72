// SPDX-License-Identifier: Apache-2.0
#pragma once
// Portable jobs among what is submitted.

#include <optional>
#include <string>

#include "daemon/api/jobs/submission.hpp"
#include "jobs/portable/portable_job.hpp"
#include "jobs/portable/recipe.hpp"

namespace patchbay {

/// A portable job as it was handed in.
struct PortableSubmission {
    PortableJob job;
    std::string text;
    std::vector<std::string> unused{};  ///< what it says and nothing here reads, with its line
};

/// nullopt: the text is another kind of job. Takes as long as the text is large: belongs on a worker.
/// Throws: SubmissionRefused with every mistake and its line.
std::optional<PortableSubmission> read_portable_submission(const std::string& text);

/// The LAVA jobs in the order of the recipes. Takes as long as they are many and large: belongs on a worker.
std::vector<std::string> lower_all(const PortableJob& job, const std::vector<Recipe>& recipes);

/// Lowers it for each device type of its `where`, and stores all those jobs or none.
/// Throws: SubmissionRefused, QueueFull, StoreError.
Task<SubmittedJob> submit_portable(Services& lab, UserRow submitter, PortableSubmission portable);

}  // namespace patchbay
