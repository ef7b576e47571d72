// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/jobs/log_pieces.hpp"

#include <algorithm>

#include "daemon/api/api_error.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;

/// By memchr: a count of each byte is seen in the rate of short slices.
std::int64_t count_lines(std::string_view lines) {
    std::int64_t count = 0;
    for (auto at = lines.find('\n'); at != std::string_view::npos; at = lines.find('\n', at + 1)) ++count;
    return count;
}

}  // namespace

LogPieces::LogPieces(Services& lab, const JobRow& job, std::int64_t start, std::optional<std::int64_t> end)
    : lab_{&lab}, job_{job.id}, start_{start}, next_{start} {
    if (job.log_removed) {
        throw api_error(404, "detail",
                        "The log of this job was removed at " + format_log_time(*job.log_removed) +
                            ": this lab keeps logs for a limited time.");
    }
    line_count_ = Logs{lab.store.reader()}.line_count(job_);
    end_ = std::min(end.value_or(line_count_), line_count_);
}

std::string LogPieces::next() {
    // Followers ask for the same first piece again and again.
    auto* cache = next_ == start_ ? &lab_->store.log_cache() : nullptr;
    auto lines = Logs{lab_->store.reader(), cache}.read(job_, next_, end_, piece_bytes);
    // What was begun is cut off: a whole answer would say that the log has no more lines.
    if (lines.empty()) throw StoreError{"log: removed while it was read"};
    next_ += count_lines(lines);
    return lines;
}

}  // namespace patchbay
