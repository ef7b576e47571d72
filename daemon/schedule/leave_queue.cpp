// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/leave_queue.hpp"

#include "daemon/notify/announce.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/multinode_groups.hpp"
#include "daemon/store/own_ending.hpp"

namespace patchbay {

bool leave_queue(Database& db, JobId job, const std::string& reason, WallTime now) {
    if (!Jobs{db}.cancel_queued(job, reason, now)) return false;
    store_own_ending(db, job, std::string{to_string(ErrorType::canceled)}, reason, now);
    announce(db, job, now);
    return true;
}

std::vector<JobId> leave_queue_with_group(Database& db, JobId job, const std::string& reason, WallTime now) {
    std::vector<JobId> left;
    if (!leave_queue(db, job, reason, now)) return left;
    left.push_back(job);
    MultinodeGroups groups{db};
    const auto group = groups.group_of(job);
    if (group.empty()) return left;
    for (const auto& part : groups.parts(group))
        if (leave_queue(db, part.job, reason, now)) left.push_back(part.job);
    return left;
}

}  // namespace patchbay
