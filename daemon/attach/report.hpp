// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a server does not know yet about one of its jobs, out of the store.

#include <string>

#include "daemon/attach/worker_client.hpp"
#include "daemon/store/attached_jobs.hpp"
#include "daemon/store/log_cache.hpp"

namespace patchbay {

/// The next thing to tell, in the order in which lava-worker and lava-run do: that it runs, lines of its log, its end.
struct Report {
    enum class Kind { nothing, running, lines, end };
    Kind kind = Kind::nothing;
    std::string lines;       ///< without the last line end
    std::int64_t count = 0;  ///< of lines
    RemoteEnd end;
};

/// Lines of one report, as of lava-run.
inline constexpr std::int64_t most_lines = 1000;

/// `limit`: lines that the server takes at once.
///
/// The verdict of an attempt that was stopped for others (docs/donating.md) is told as a message of the log: the job
/// goes on, and may have one verdict only. So a verdict waits until it is certain that it is the last.
/// Throws: StoreError.
Report next_report(Database& db, LogCache* cache, const AttachedJobRow& job, std::int64_t limit = most_lines);

/// In the place of a line that the server refuses for its size, as lava-run has it.
std::string unsent_line(std::int64_t bytes, WallTime now);

}  // namespace patchbay
