// SPDX-License-Identifier: Apache-2.0
// A job live, as server-sent events: each log line as it is stored, each change of state, the end.
#include "daemon/store/events.hpp"

#include <algorithm>

#include "core/deadline.hpp"
#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/asker.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

// Proxies drop connections that are silent for a minute or less.
constexpr auto keep_alive_interval = 15s;
// One piece of the stream; the next waits until the client has taken it.
constexpr std::int64_t lines_at_once = 1000;
constexpr std::size_t bytes_at_once = 256 * 1024;
// More than any log has; sums with it do not overflow.
constexpr std::int64_t largest_line = 1'000'000'000'000;

std::int64_t line_number(const std::string& text) {
    const auto line = whole_number(text);
    if (!line || *line < 0 || *line > largest_line) {
        throw api_error(400, "detail", "'start' and Last-Event-ID are line numbers: 0 or more.");
    }
    return *line;
}

/// A client that reconnects names the last line it has; that is newer than what its URL says.
std::int64_t first_line(const Request& request) {
    if (const auto* last = request.header("last-event-id"); last && !last->empty()) return line_number(*last) + 1;
    if (const auto* start = request.query_value("start"); start && !start->empty()) return line_number(*start);
    return 0;
}

/// Stored lines are "- {...}\n".
std::string log_events(std::string_view lines, std::int64_t first) {
    std::string out;
    out.reserve(lines.size() + lines.size() / 4);
    while (!lines.empty()) {
        const auto end = std::min(lines.find('\n'), lines.size());
        auto record = lines.substr(0, end);
        if (record.starts_with("- ")) record.remove_prefix(2);
        out += "event: log\nid: " + std::to_string(first++) + "\ndata: ";
        out += record;
        out += "\n\n";
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return out;
}

std::string state_event(const JobStatus& now) {
    JsonWriter json;
    json.begin_object().member("state", to_string(now.state)).member("health", to_string(now.health)).end_object();
    return "event: state\ndata: " + json.take() + "\n\n";
}

/// False: nothing happened for a while.
Task<bool> changed_soon(Events::Watch& watch) {
    bool changed = true;
    try {
        co_await with_deadline(Deadline::in(keep_alive_interval), "job event", watch.next());
    } catch (const TimedOut&) {
        changed = false;
    }
    co_return changed;
}

/// Ends early for who does not see the job any more; looked at before each piece.
Task<> write_events(BodyWriter& out, Services& lab, JobId id, Asker asker, std::int64_t line) {
    auto watch = lab.events.watch(id);
    std::optional<JobStatus> told;
    while (asker.sees(id)) {
        // The state first: a job that is Finished has all its lines.
        const auto now = Jobs{lab.store.reader()}.status(id);
        if (!now) co_return;
        Logs logs{lab.store.reader(), &lab.store.log_cache()};
        while (!now->log_removed && asker.sees(id)) {
            const auto lines = logs.read(id, line, line + lines_at_once, bytes_at_once);
            if (lines.empty()) break;
            auto text = log_events(lines, line);
            line += std::count(lines.begin(), lines.end(), '\n');
            co_await out.write(std::move(text));
        }
        if (!asker.sees(id)) co_return;
        if (told != now) co_await out.write(state_event(*now));
        told = now;
        if (now->state == JobState::finished) co_return;
        if (!co_await changed_soon(watch)) co_await out.write(": still here\n\n");
    }
}

}  // namespace

/// `start`: the first line wanted; `Last-Event-ID`: the last one a client has. Ends after Finished.
Task<Response> stream_events(Call& call) {
    const auto job = find_job(call);
    Response response;
    response.content_type = "text/event-stream";
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("X-Accel-Buffering", "no");  // nginx would hold lines back
    response.stream = [&lab = call.lab, id = job.id, asker = Asker{call}, line = first_line(call.request)](
                          BodyWriter& out) { return write_events(out, lab, id, asker, line); };
    co_return response;
}

}  // namespace patchbay
