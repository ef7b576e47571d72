// SPDX-License-Identifier: Apache-2.0
#pragma once
// Groups of users: permissions are given to them, jobs can be shown to them, and what a lab allows its guests is said
// of them.

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// The groups, through one connection. Reading functions work on any; writing ones inside Store::write.
class Groups {
public:
    explicit Groups(Database& db) : db_{db} {}

    /// Throws: JobError when the name is taken or is not one (1 to 150 bytes, no control characters, no blanks at its
    /// ends).
    GroupId add(const std::string& name);
    /// The group of this name, made when new. Throws: as add().
    GroupId find_or_add(const std::string& name);
    std::optional<GroupRow> find(const std::string& name);
    std::optional<GroupRow> find(GroupId id);
    /// By name.
    std::vector<GroupRow> list(std::int64_t limit = -1, std::int64_t offset = 0);
    std::int64_t count();
    /// Throws: as add().
    void rename(GroupId group, const std::string& name);
    /// With its memberships and what it may do everywhere. Jobs that only its members could see are then seen by their
    /// submitters only. False: no such group. Throws: JobError while it has permissions on devices or device types:
    /// without the last of a kind everybody would have it.
    bool remove(GroupId group);

    /// False: was in it already.
    bool join(UserId user, GroupId group);
    /// False: was not in it.
    bool leave(UserId user, GroupId group);
    /// The user is in exactly these from now on.
    void set(UserId user, const std::vector<GroupId>& groups);
    /// The groups that a user is in, by name.
    std::vector<GroupRow> of(UserId user);
    /// Names of a group's users, sorted.
    std::vector<std::string> members(GroupId group);

    /// The number that stands in job.visibility for "in all of these"; made when new. 1, seen by the submitter only,
    /// for none of them.
    std::int64_t viewing_set(const std::vector<GroupId>& groups);

private:
    void check_new(const std::string& name);

    Database& db_;
};

}  // namespace patchbay
