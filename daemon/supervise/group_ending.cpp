// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/group_ending.hpp"

#include <algorithm>

#include "daemon/schedule/leave_queue.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/multinode_groups.hpp"

namespace patchbay {

bool is_essential(Database& db, JobId job) {
    MultinodeGroups groups{db};
    const auto group = groups.group_of(job);
    if (group.empty()) return false;
    return std::ranges::any_of(groups.parts(group),
                               [job](const PartRow& part) { return part.job == job && part.essential; });
}

void cancel_without_essential(Database& db, JobId ended, WallTime now) {
    Jobs jobs{db};
    const auto status = jobs.status(ended);
    if (!status || status->health == JobHealth::complete || !is_essential(db, ended)) return;
    MultinodeGroups groups{db};
    const auto parts = groups.parts(groups.group_of(ended));
    const auto mine = std::ranges::find(parts, ended, &PartRow::job);
    const auto reason =
        "The essential job " + mine->sub_id + " of the group is " + std::string{to_string(status->health)};
    for (const auto& part : parts) {
        if (part.job != ended && !jobs.cancel_running(part.job, reason)) leave_queue(db, part.job, reason, now);
    }
}

}  // namespace patchbay
