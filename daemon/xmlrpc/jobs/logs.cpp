// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/api/jobs/log_pieces.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/store.hpp"
#include "daemon/xmlrpc/fault.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/jobs/find_job.hpp"

namespace patchbay::rpc {
namespace {

/// `first`, and behind it what is left of the log.
config::Binary rest_of(RpcCall& call, LogPieces log, std::string first) {
    if (log.done()) return config::Binary{std::move(first)};
    call.long_binary = [log, first = std::move(first)]() mutable {
        if (!first.empty()) return std::exchange(first, {});
        return log.done() ? std::string{} : log.next();
    };
    return {};
}

}  // namespace

/// Is it finished, and the lines start <= n < end. The job was read before its log: one that is finished has all lines.
Task<config::Value> jobs_logs(RpcCall& call) {
    const auto job = find_job(call);
    const auto start = std::max<std::int64_t>(call.number(1, 0), 0);
    std::optional<std::int64_t> end;
    if (call.argument(2)) end = call.number(2, 0);
    LogPieces log{call.lab, job, start, end};
    // No log at all is an empty document, which clients tell from "no lines yet".
    auto first = log.line_count() == 0 ? std::string{"[]"} : log.done() ? std::string{} : log.next();
    config::List answer{job.state == JobState::finished};
    answer.push_back(rest_of(call, log, std::move(first)));
    co_return answer;
}

/// The whole log from a byte on.
Task<config::Value> job_output(RpcCall& call) {
    const auto job = find_job(call);
    const auto offset = std::max<std::int64_t>(call.number(1, 0), 0);
    const auto place = Logs{call.lab.store.reader()}.place_of_byte(job.id, offset);
    LogPieces log{call.lab, job, place.line, std::nullopt};
    if (log.line_count() == 0) throw Fault{404, "Job output not found."};
    auto first = log.next();
    first.erase(0, static_cast<std::size_t>(offset - place.byte));
    co_return rest_of(call, log, std::move(first));
}

}  // namespace patchbay::rpc
