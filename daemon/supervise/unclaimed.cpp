// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/unclaimed.hpp"

#include "core/errors.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/worker_leases.hpp"
#include "daemon/supervise/ending.hpp"

namespace patchbay {
namespace {

void end(Database& db, const LeaseRow& lease, ErrorType error_type, const std::string& message, WallTime now) {
    IngestBatch last;
    last.next = lease.journal_offset;
    add_ending(last, std::string{to_string(error_type)}, message, lease.job, now);
    const auto outcome = *last.outcome;
    close_lease(db, lease, last, outcome, now);
}

}  // namespace

bool cancel_unclaimed(Database& db, JobId job, const std::string& reason, WallTime now) {
    const auto lease = Leases{db}.open_lease_of(job);
    if (!lease || lease->worker.empty() || WorkerLeases{db}.is_handed_out(lease->id)) return false;
    end(db, *lease, ErrorType::canceled, reason, now);
    return true;
}

bool give_up_at_worker(Database& db, JobId job, const std::string& user, WallTime now) {
    const auto lease = Leases{db}.open_lease_of(job);
    const auto status = Jobs{db}.status(job);
    if (!lease || lease->worker.empty() || !status || status->state != JobState::canceling) return false;
    Audit{db}.record({user, "job.fail", std::to_string(job.value), ""}, now);
    end(db, *lease, ErrorType::infrastructure,
        "worker " + lease->worker + " did not end the job after it was canceled, and " + user + " gave it up", now);
    return true;
}

std::vector<JobId> take_back_unclaimed(Database& db, const std::string& worker, WallTime now) {
    std::vector<JobId> taken;
    for (auto& lease : WorkerLeases{db}.unclaimed(worker)) {
        lease.stop_reason = "not begun, as worker " + worker + " does not ask for jobs any more";
        Leases{db}.stop(lease.id, lease.fence, lease.stop_reason, true);
        if (requeue_job(db, lease, now)) taken.push_back(lease.job);
    }
    return taken;
}

}  // namespace patchbay
