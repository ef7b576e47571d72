// SPDX-License-Identifier: Apache-2.0
#pragma once
// What follows from the server's list of jobs and what we know of them. Pure.

#include <span>
#include <vector>

#include "daemon/attach/protocol.hpp"
#include "daemon/store/attached_jobs.hpp"

namespace patchbay {

struct Plan {
    std::vector<RemoteJob> begin;         ///< new ones
    std::vector<AttachedJobRow> cancel;   ///< the server wants them to stop
    std::vector<AttachedJobRow> missing;  ///< the server does not name them
    /// Their end was reported before the server made its list, and it waits for it all the same: it has forgotten. With
    /// the token of the list.
    std::vector<AttachedJobRow> repeat;
    std::vector<RemoteJob> unknown;  ///< to be cancelled, and never heard of
};

/// `known`: all that are open, and those that ended among the named ones. `asked`: an end reported since then need not
/// be in the list.
Plan make_plan(const PingAnswer& answer, std::span<const AttachedJobRow> known, WallTime asked);

/// Names each once, whatever list it is in.
std::vector<RemoteJob> named_jobs(const PingAnswer& answer);

}  // namespace patchbay
