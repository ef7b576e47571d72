// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/logs.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

// What is read at once. A slice that fits is one answer; a whole log is many pieces, each read when the client has
// taken the one before, so that slow readers of long logs cost a piece each.
constexpr std::size_t piece_bytes = 256 * 1024;

/// By memchr: a count of each byte is seen in the rate of short slices.
std::int64_t line_count(std::string_view lines) {
    std::int64_t count = 0;
    for (auto at = lines.find('\n'); at != std::string_view::npos; at = lines.find('\n', at + 1)) ++count;
    return count;
}

/// The lines of a job that an answer has.
struct Slice {
    JobId job;
    std::int64_t start = 0, end = 0;
};

Task<> write_slice(BodyWriter& out, Services& lab, Slice slice, std::string piece) {
    for (;;) {
        slice.start += line_count(piece);
        co_await out.write(std::move(piece));
        if (slice.start >= slice.end) co_return;
        piece = Logs{lab.store.reader()}.read(slice.job, slice.start, slice.end, piece_bytes);
        // The connection is dropped: a whole answer would say that the log has no more lines.
        if (piece.empty()) throw StoreError{"log: removed while it was read"};
    }
}

std::optional<std::int64_t> line_parameter(const Request& request, std::string_view name) {
    const auto* text = request.query_value(name);
    if (!text || text->empty()) return std::nullopt;
    const auto line = whole_number(*text);
    if (!line || *line < 0) {
        throw api_error(400, "detail", "'" + std::string{name} + "' is a line number: 0 or more.");
    }
    return line;
}

}  // namespace

/// Lines start <= n < end; 404 when there are none yet, which clients take as "nothing new".
Task<Response> show_logs(Call& call) {
    const auto job = find_job(call);
    if (job.log_removed) {
        throw api_error(404, "detail",
                        "The log of this job was removed at " + format_log_time(*job.log_removed) +
                            ": this lab keeps logs for a limited time.");
    }
    const auto start = line_parameter(call.request, "start").value_or(0);
    const auto end = line_parameter(call.request, "end");
    Logs logs{call.lab.store.reader(), &call.lab.store.log_cache()};
    const auto count = logs.line_count(job.id);
    const auto last = std::min(end.value_or(count), count);
    if (start >= last) throw not_found();
    const Slice slice{job.id, start, last};
    auto lines = logs.read(job.id, start, last, piece_bytes);
    if (lines.empty()) throw not_found();
    const bool whole = start + line_count(lines) >= last;
    auto response = file_answer("application/yaml", "job_" + std::to_string(job.id.value) + ".yaml", std::move(lines));
    if (!whole) {
        response.stream = [&lab = call.lab, slice, first = std::move(response.body)](BodyWriter& out) mutable {
            return write_slice(out, lab, slice, std::move(first));
        };
    }
    co_return response;
}

}  // namespace patchbay
