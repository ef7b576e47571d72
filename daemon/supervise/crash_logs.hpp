// SPDX-License-Identifier: Apache-2.0
#pragma once
// What runners printed that ended badly, for the lab's owner.

#include <cstddef>
#include <filesystem>

#include "core/ids.hpp"

namespace patchbay {

/// Enough to see what happened last week; some hundred KB, also when a board fails all night long.
constexpr std::size_t most_crash_logs = 100;

/// Moves `log` to `folder`/lease-<number>.log and removes the logs of the oldest leases there. A failure is a warning
/// in the daemon's log: no lease stays open for it.
void keep_crash_log(const std::filesystem::path& log, const std::filesystem::path& folder, LeaseId lease,
                    std::size_t most = most_crash_logs);

}  // namespace patchbay
