// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/logs.hpp"

#include <algorithm>
#include <charconv>

#include "daemon/api/api_error.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/jobs/log_lines.hpp"
#include "daemon/api/read.hpp"
#include "daemon/api/respond.hpp"

namespace patchbay {
namespace {

// Slices of live logs are short; a whole log may be many megabytes of compressed chunks.
constexpr std::int64_t lines_on_io_thread = 2000;

std::optional<std::int64_t> line_parameter(const Request& request, std::string_view name) {
    const auto* text = request.query_value(name);
    if (!text || text->empty()) return std::nullopt;
    std::int64_t line = 0;
    const auto end = text->data() + text->size();
    const auto parsed = std::from_chars(text->data(), end, line);
    if (parsed.ec != std::errc{} || parsed.ptr != end || line < 0) {
        throw api_error(400, "detail", "'" + std::string{name} + "' is a line number: 0 or more.");
    }
    return line;
}

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

/// 404 when there are no lines yet, which clients take as "nothing new".
Task<Response> show_logs(Call& call) {
    const auto job = find_job(call);
    if (job.log_removed) {
        throw api_error(404, "detail",
                        "The log of this job was removed at " + format_log_time(*job.log_removed) +
                            ": this lab keeps logs for a limited time.");
    }
    const auto start = line_parameter(call.request, "start").value_or(0);
    const auto end = line_parameter(call.request, "end");
    auto lines = co_await read_log_lines(call.lab, job.id, start, end);
    if (lines.empty()) throw not_found();
    co_return file_answer("application/yaml", "job_" + std::to_string(job.id.value) + ".yaml", std::move(lines));
}

}  // namespace patchbay
