// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/jobs/log_lines.hpp"

#include <algorithm>

#include "daemon/store/logs.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

// Slices of live logs are short; a whole log may be many megabytes of compressed chunks.
constexpr std::int64_t lines_on_io_thread = 2000;

}  // namespace

Task<std::string> read_log_lines(Services& lab, JobId job, std::int64_t start, std::optional<std::int64_t> end) {
    Logs logs{lab.store.reader(), &lab.store.log_cache()};
    const auto count = logs.line_count(job);
    const auto last = std::min(end.value_or(count), count);
    if (start >= last) co_return std::string{};
    if (last - start <= lines_on_io_thread) co_return logs.read(job, start, last);
    auto read = [job, start, last](Database& db) { return Logs{db}.read(job, start, last); };
    co_return co_await lab.store.read_on_worker(std::move(read));
}

}  // namespace patchbay
