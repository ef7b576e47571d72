// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "core/config/utf8.hpp"
#include "daemon/api/jobs/log_pieces.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/users.hpp"
#include "daemon/xmlrpc/fault.hpp"
#include "daemon/xmlrpc/handlers.hpp"
#include "daemon/xmlrpc/jobs/find_job.hpp"

namespace patchbay::rpc {
namespace {

/// Does whoever asked still see the job? An account may be closed and a group left meanwhile.
bool still_sees(Database& db, const std::optional<UserId>& who, JobId job) {
    const auto user = who ? Users{db}.find(*who) : std::nullopt;
    if (who && !(user && user->active)) return false;
    return Jobs{db}.is_seen(job, viewer_of(db, user));
}

/// `first`, and behind it what is left of the log; all of it through `form`. Cut off for who does not see the job any
/// more.
config::Binary rest_of(RpcCall& call, JobId job, LogPieces log, std::string first, std::string (*form)(std::string)) {
    if (log.done()) return config::Binary{form(std::move(first))};
    const auto who = call.user ? std::optional{call.user->id} : std::nullopt;
    call.long_binary = [&store = call.lab.store, job, who, log, form, first = std::move(first)]() mutable {
        if (!first.empty()) return form(std::exchange(first, {}));
        if (log.done()) return std::string{};
        if (!still_sees(store.reader(), who, job)) throw StoreError{"log: its reader may not see the job any more"};
        return form(log.next());
    };
    return {};
}

std::string as_stored(std::string lines) { return lines; }

/// In YAML's escapes, as LAVA writes them: lavacli takes the bytes for Latin-1, and its parser ends at some of those.
std::string ascii(std::string lines) {
    const auto beyond = [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; };
    if (std::ranges::none_of(lines, beyond)) return lines;
    std::string out;
    for (std::size_t at = 0; at < lines.size();) {
        if (!beyond(lines[at])) {
            out += lines[at++];
            continue;
        }
        const auto point = config::decode_utf8(lines, at);
        char escape[16];
        std::snprintf(escape, sizeof escape, point.value > 0xFFFF ? "\\U%08X" : "\\u%04x",
                      static_cast<unsigned>(point.value));
        out += escape;
        at += point.length;
    }
    return out;
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
    answer.push_back(rest_of(call, job.id, log, std::move(first), ascii));
    co_return answer;
}

/// The whole log from a byte on: bytes are counted, so they are those that are stored.
Task<config::Value> job_output(RpcCall& call) {
    const auto job = find_job(call);
    const auto offset = std::max<std::int64_t>(call.number(1, 0), 0);
    const auto place = Logs{call.lab.store.reader()}.place_of_byte(job.id, offset);
    LogPieces log{call.lab, job, place.line, std::nullopt};
    if (log.line_count() == 0) throw Fault{404, "Job output not found."};
    auto first = log.next();
    first.erase(0, static_cast<std::size_t>(offset - place.byte));
    co_return rest_of(call, job.id, log, std::move(first), as_stored);
}

}  // namespace patchbay::rpc
