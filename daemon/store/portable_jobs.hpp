// SPDX-License-Identifier: Apache-2.0
#pragma once
// Portable jobs, and the jobs that they became.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

struct PortableJobRow {
    std::int64_t id = 0;
    UserId submitter;
    std::string name;
    std::string definition;  ///< as it was submitted; may hold secrets
};

struct PortablePartRow {
    JobId job;
    std::string recipe;
};

class PortableJobs {
public:
    explicit PortableJobs(Database& db) : db_{db} {}

    /// In the transaction that stores the jobs. Returns its id; ids are never used again.
    std::int64_t insert(UserId submitter, const std::string& name, const std::string& definition,
                        const std::vector<PortablePartRow>& parts);

    /// `again` is a further attempt at what `job` is a part of. False: that is no part of any.
    bool add_attempt(JobId again, JobId job);

    /// nullopt: there is none; it goes with the last of its jobs.
    std::optional<PortableJobRow> find(std::int64_t id);
    /// In the order of their numbers; of two with the same recipe the later one is the further attempt.
    std::vector<PortablePartRow> parts(std::int64_t id);
    /// The portable job that a job is a part of.
    std::optional<std::int64_t> of(JobId job);

private:
    Database& db_;
};

}  // namespace patchbay
