// SPDX-License-Identifier: Apache-2.0
#pragma once
// The way from one part of a multinode group to the others, as actions use it.

#include <optional>

#include "core/deadline.hpp"
#include "core/task.hpp"
#include "jobs/journal/group_call.hpp"

namespace patchbay {

struct JobContext;

class GroupLink {
public:
    virtual ~GroupLink() = default;

    /// Makes one call and awaits its answer; the number is filled in. nullopt: none came by `deadline`.
    /// Done when: an answer is returned, the call has come true or was refused. A call that ran out of time stays made:
    /// what was sent is sent, who came to a sync has come.
    /// Cancellation: safe; as running out of time. Throws: InfrastructureError, the journal cannot be written.
    virtual Task<std::optional<GroupAnswer>> ask(GroupCall call, Deadline deadline) = 0;
};

/// Waits until every part of the job's group has come so far, and with `request: lava-start` until the other role lets
/// this one begin. Does nothing for a job that is no part of a group.
/// Throws: JobError, there is no daemon between the parts, or no such role; Error of type MultinodeTimeout, not all
/// came
///         within 90 s, or the word to begin did not in its time.
Task<> join_group(JobContext& job);

}  // namespace patchbay
