// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/api/jobs/log_lines.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/store.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/jobs/find_job.hpp"

namespace patchbay::rpc {

/// Is it finished, and the lines start <= n < end. The job was read before its log: one that is finished has all lines.
Task<config::Value> jobs_logs(RpcCall& call) {
    const auto job = find_job(call);
    const auto start = std::max<std::int64_t>(call.number(1, 0), 0);
    std::optional<std::int64_t> end;
    if (call.argument(2)) end = call.number(2, 0);
    auto lines = co_await read_log_lines(call.lab, job.id, start, end);
    // No log at all is an empty document, which clients tell from "no lines yet".
    if (lines.empty() && Logs{call.lab.store.reader()}.line_count(job.id) == 0) lines = "[]";
    config::List answer{job.state == JobState::finished};
    answer.push_back(config::Binary{std::move(lines)});
    co_return answer;
}

/// The whole log from a byte on.
Task<config::Value> job_output(RpcCall& call) {
    const auto job = find_job(call);
    const auto offset = static_cast<std::size_t>(std::max<std::int64_t>(call.number(1, 0), 0));
    auto log = co_await read_log_lines(call.lab, job.id, 0, std::nullopt);
    if (log.empty()) throw Fault{404, "Job output not found."};
    log.erase(0, std::min(offset, log.size()));
    co_return config::Binary{std::move(log)};
}

}  // namespace patchbay::rpc
