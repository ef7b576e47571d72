// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/asker.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/jobs/log_pieces.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/database.hpp"

namespace patchbay {
namespace {

/// Cut off for who does not see the job any more.
Task<> write_pieces(BodyWriter& out, LogPieces log, JobId job, Asker asker, std::string first) {
    co_await out.write(std::move(first));
    while (!log.done()) {
        if (!asker.sees(job)) throw StoreError{"log: its reader may not see the job any more"};
        auto piece = log.next();
        co_await out.write(std::move(piece));
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

Response log_file(const Call& call, JobId job, LogPieces log, const std::string& filename) {
    if (log.done()) throw not_found();
    auto response = file_answer("application/yaml", filename, log.next());
    if (!log.done()) {
        response.stream = [log, job, asker = Asker{call}, first = std::move(response.body)](BodyWriter& out) mutable {
            return write_pieces(out, log, job, asker, std::move(first));
        };
    }
    return response;
}

}  // namespace

/// Lines start <= n < end; 404 when there are none yet, which clients take as "nothing new".
Task<Response> show_logs(Call& call) {
    const auto job = find_job(call);
    const auto start = line_parameter(call.request, "start").value_or(0);
    LogPieces log{call.lab, job, start, line_parameter(call.request, "end")};
    co_return log_file(call, job.id, std::move(log), "job_" + std::to_string(job.id.value) + ".yaml");
}

/// All of it, at the address of LAVA's page: SQUAD fetches it there.
Task<Response> plain_log(Call& call) {
    const auto job = find_job(call);
    LogPieces log{call.lab, job, 0, std::nullopt};
    co_return log_file(call, job.id, std::move(log), "job_" + std::to_string(job.id.value) + ".log");
}

}  // namespace patchbay
