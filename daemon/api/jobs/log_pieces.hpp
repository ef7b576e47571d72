// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/services.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// Lines of a job's log, a piece at a time. A slice that fits into one piece is one answer; a whole log is many, each
/// read when the client has taken the one before, so that slow readers of long logs cost a piece each.
class LogPieces {
public:
    /// The lines start <= n < end, as far as the log has them now; `lab` must outlive it.
    /// Throws: ApiError 404, this lab does not keep logs for that long.
    LogPieces(Services& lab, const JobRow& job, std::int64_t start, std::optional<std::int64_t> end);

    /// All lines that the log has.
    std::int64_t line_count() const { return line_count_; }
    bool done() const { return next_ >= end_; }
    /// Some 256 KiB of whole lines; not when done(). Throws: StoreError, the log was removed while it was read.
    std::string next();

private:
    Services* lab_;
    JobId job_;
    std::int64_t line_count_ = 0, start_ = 0, next_ = 0, end_ = 0;
};

}  // namespace patchbay
