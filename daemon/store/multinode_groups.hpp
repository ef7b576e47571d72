// SPDX-License-Identifier: Apache-2.0
#pragma once
// Jobs that were submitted as one multinode job, and what they said to each other.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/jobs.hpp"

namespace patchbay {

struct NewPart {
    NewJob job;
    std::string role;
    bool essential = false;
    std::string device = {};  ///< the only one that it may have; empty: any
    std::string worker = {};  ///< whose devices it may have; empty: any
};

struct NewGroup {
    std::string target_group;  ///< a UUID
    std::string definition;    ///< the whole job as it was submitted
    std::vector<NewPart> parts;
    std::optional<std::string> masked_definition = {};  ///< nullopt: it has no secrets
};

struct PartRow {
    JobId job;
    std::string sub_id;  ///< "6.1"
    std::string role;
    JobState state = JobState::submitted;
    bool essential = false;
};

struct GroupCallRow {
    std::int64_t id = 0;  ///< grows in the order of the calls
    JobId job;
    std::string call;  ///< JSON, as the runner wrote it
};

class MultinodeGroups {
public:
    explicit MultinodeGroups(Database& db) : db_{db} {}

    /// All parts, or none. Their numbers follow each other, in the order of the parts.
    std::vector<PartRow> insert(const NewGroup& group, WallTime now);
    /// In the order of their numbers; empty: there is no such group.
    std::vector<PartRow> parts(const std::string& target_group);
    /// "" for a job that is no part of a group.
    std::string group_of(JobId job);
    std::optional<JobId> find(std::string_view sub_id);
    /// The definition of a part that has its device; what was submitted stays the original. `masked`: the same for
    /// those who may not see its secrets, of a part that has such a text.
    void set_definition(JobId part, const std::string& definition, const std::optional<std::string>& masked);

    void add_call(const std::string& target_group, JobId job, std::string_view call);
    /// Those behind row `last`, oldest first. They are gone when the last part has ended.
    std::vector<GroupCallRow> calls_after(const std::string& target_group, std::int64_t last);

private:
    Database& db_;
};

}  // namespace patchbay
