// SPDX-License-Identifier: Apache-2.0
#pragma once
// How the end of one part of a multinode group reaches the others.

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// The others of the group are Canceling when `ended` was an essential part and is not Complete, as in LAVA. In the
/// transaction of its end, so that no daemon can die in between. Their runners are to be told afterwards.
void cancel_without_essential(Database& db, JobId ended, WallTime now);

/// Is the job an essential part of a group?
bool is_essential(Database& db, JobId job);

}  // namespace patchbay
