// SPDX-License-Identifier: Apache-2.0
#pragma once
// Puts into the outbox what a job asks for when it has come to another state.

#include "daemon/store/database.hpp"

namespace patchbay {

/// Which of the job's callbacks and mails are due now that it is Running or Finished. Call it in the transaction that
/// made it so, behind everything else of that transaction. What is sent cannot be lost then, and never comes before the
/// job's results. Throws: StoreError; nothing about what the job asks for.
void announce(Database& db, JobId job, WallTime now);

}  // namespace patchbay
