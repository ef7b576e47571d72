// SPDX-License-Identifier: Apache-2.0
#pragma once
// A job whose people may be interrupted stops for one that has waited too long, and waits in the queue again.

#include <optional>
#include <string>
#include <vector>

#include "daemon/schedule/sharing_view.hpp"

namespace patchbay {

/// Chooses running attempts on devices of the type that shall stop: one for each job of others, and each reservation,
/// that has waited as long as their rule allows and found no device. Those that can be queued again go first, of these
/// the one that began last, as it loses least. The device is kept for the waiting job. In the caller's transaction,
/// after devices have taken what they can; the leases are marked, and whoever runs them is to be told. Multinode groups
/// stand apart: none of their jobs stops, as the others would wait for it, and for none of them another one does.
std::vector<LeaseRow> stop_for_others(Database& db, const std::string& device_type, WallTime now,
                                      const SharingRules& rules);

/// When something that waits now will have waited long enough; nullopt: nothing will.
std::optional<WallTime> next_stop(Database& db, SharingView& view, WallTime now, const SharingRules& rules);

}  // namespace patchbay
