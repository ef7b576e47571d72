// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/leave_queue.hpp"

#include "daemon/notify/announce.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/own_ending.hpp"

namespace patchbay {

bool leave_queue(Database& db, JobId job, const std::string& reason, WallTime now) {
    if (!Jobs{db}.cancel_queued(job, reason, now)) return false;
    store_own_ending(db, job, std::string{to_string(ErrorType::canceled)}, reason, now);
    announce(db, job, now);
    return true;
}

}  // namespace patchbay
