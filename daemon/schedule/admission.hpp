// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the lab's rules make of a job that is submitted.

#include "core/errors.hpp"
#include "daemon/sharing/rules.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/jobs.hpp"

namespace patchbay {

/// The rules do not take this job; the text says which rule, and what would be taken.
struct SharingRefusal : JobError {
    SharingRefusal(const std::string& text, bool passes) : JobError{text}, for_now{passes} {}
    bool for_now;  ///< the same job may be taken later
};

/// Lowers the priority and shortens the queue time-out to what the submitter's rule allows. Inside the transaction that
/// stores the job: of many jobs that come at once no more are taken than may be queued.
/// `before`: jobs of the same multinode group that are taken in the same transaction and not stored yet.
/// Throws: SharingRefusal.
void admit(Database& db, NewJob& job, const SharingRules& rules, WallTime now, std::int64_t before = 0);

}  // namespace patchbay
