// SPDX-License-Identifier: Apache-2.0
#pragma once
// Attempts that a remote worker should run and was not told of so far: they end without anybody's help.

#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// The job is Canceling. When nobody was told of its attempt it ends here: Finished, Canceled, its device Idle. False:
/// whoever runs it has to end it. Throws: StoreError.
bool cancel_unclaimed(Database& db, JobId job, const std::string& reason, WallTime now);

/// The worker does not ask any more: what it was not told of waits in the queue again, so that another device may take
/// it. Returns those jobs. Throws: StoreError.
std::vector<JobId> take_back_unclaimed(Database& db, const std::string& worker, WallTime now);

/// A job that is Canceling at a worker that does not come back is given up: Finished, Canceled, its device Unknown, as
/// nobody knows what it does; recorded as `user`'s deed. False: it is not such a job. Throws: StoreError.
bool give_up_at_worker(Database& db, JobId job, const std::string& user, WallTime now);

}  // namespace patchbay
