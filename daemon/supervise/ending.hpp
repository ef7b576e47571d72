// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a lease ends: the last rows, the job's verdict, the device's return, in one transaction.

#include <optional>
#include <string>

#include "daemon/supervise/ingest.hpp"

namespace patchbay {

/// What the runner said in its lava/job result when it ended before its outcome; nullopt when it did not come so far.
std::optional<Outcome> stored_verdict(Database& db, JobId job);

/// The log lines and the lava/job result of a job whose runner could not write them itself; added to `batch`, together
/// with its outcome.
void add_ending(IngestBatch& batch, const std::string& error_type, const std::string& message, JobId job, WallTime now);

/// Stores the batch and closes: job Finished, device Idle, lease closed, and what the job wants to be told is in the
/// outbox. After an error of the lab the device's health becomes Unknown, after a health check Good or Bad
/// (lava_scheduler_app/models.py); that of an attempt that we stopped stays. After a failed essential part of a
/// multinode group the other parts are Canceling. Throws: LeaseLost; StoreError.
void close_lease(Database& db, const LeaseRow& lease, const IngestBatch& batch, const Outcome& outcome, WallTime now);

/// Before requeue_job(), so that no other write waits for all the results of a job: sets aside a piece of them. False:
/// that was the last one, or the job was canceled meanwhile; what was set aside then is shown with its attempt.
bool set_piece_aside(Database& db, const LeaseRow& lease);

/// The attempt was stopped for others: the job waits in the queue again, what it has of results is set aside, the log
/// goes on. False: the job was canceled meanwhile; nothing was changed. Throws: LeaseLost; StoreError.
bool requeue_job(Database& db, const LeaseRow& lease, WallTime now);

}  // namespace patchbay
