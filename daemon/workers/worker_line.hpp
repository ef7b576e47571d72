// SPDX-License-Identifier: Apache-2.0
#pragma once
// One line of the log that a LAVA worker sends, to what is stored of it. The bytes are a stranger's. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/results.hpp"
#include "jobs/journal/secret_mask.hpp"

namespace patchbay {

struct WorkerLine {
    std::string record;                ///< as the log has it, without "- " and line end
    std::optional<NewCase> test_case;  ///< of a result; its line numbers are those of the worker's log
    std::string comment;               ///< for the job's failure_comment; empty: there is nothing to say
};

/// `line`: "- {"dt": ..., "lvl": ..., "msg": ...}" in YAML 1.1 (lava_common/log.py). The time loses its offset,
/// an event becomes level debug; what cannot be read becomes a warning that says so. `now`: for a line without a time.
/// Runners of 2023 write secrets as they are. Never throws for any bytes.
WorkerLine read_worker_line(std::string_view line, JobId job, WallTime now, SecretMask& mask);
inline WorkerLine read_worker_line(std::string_view line, JobId job, WallTime now) {
    SecretMask nothing;
    return read_worker_line(line, job, now, nothing);
}

/// So many lines are taken from one request; the worker sends the others again.
inline constexpr std::size_t most_worker_lines = 2000;

/// The lines of a text, without those behind most_worker_lines; what ends it is no line of its own.
std::vector<std::string_view> split_worker_lines(std::string_view text);

}  // namespace patchbay
