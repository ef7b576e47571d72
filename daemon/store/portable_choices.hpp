// SPDX-License-Identifier: Apache-2.0
#pragma once
// Queued jobs that may run on other device types as well: of portable jobs that run anywhere.

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/jobs.hpp"

namespace patchbay {

/// A queued job, and what it is on one other type.
struct PortableChoice {
    JobId job;
    UserId submitter;
    std::string home_type, home_tags;  ///< in whose queue it is, and the tags that it wants there
    std::string device_type, tag_set;
    std::optional<std::chrono::seconds> run_limit;
};

class PortableChoices {
public:
    explicit PortableChoices(Database& db) : db_{db} {}

    /// In the transaction that stores the job. `as`: the job that it is on another type, `recipe` what lowered it.
    void insert(JobId job, const std::string& home_type, const std::string& recipe, const NewJob& as);

    /// Those for this type, the best job first; at most 64.
    std::vector<PortableChoice> for_type(const std::string& device_type);
    /// The other types on which jobs of this queue may run.
    std::vector<std::string> types_beside(const std::string& home_type);

    /// The job becomes the one of that type: its queue, definition, tags and recipe. False: it has left the queue.
    bool take(const PortableChoice& choice);

private:
    Database& db_;
};

}  // namespace patchbay
