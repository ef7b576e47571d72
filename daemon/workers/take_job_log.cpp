// SPDX-License-Identifier: Apache-2.0
// Lines of a job's log, as its runner sends them every few seconds, and again until they are accepted.
#include <optional>

#include "core/text.hpp"
#include "core/worker.hpp"
#include "daemon/http/target.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/events.hpp"
#include "daemon/store/store.hpp"
#include "daemon/workers/attempt_at_worker.hpp"
#include "daemon/workers/caller.hpp"
#include "daemon/workers/handlers.hpp"
#include "daemon/workers/job_secrets.hpp"

namespace patchbay {
namespace {

// More than any log has; sums of it stay numbers.
constexpr std::int64_t most_lines_of_a_log = 1'000'000'000'000;

struct LogPost {
    std::optional<std::string> index;
    std::vector<WorkerLine> lines;
};

LogPost read_post(const std::string& body, JobId job, const SecretJob& definition) {
    SecretMask mask{definition.secrets()};
    LogPost post;
    for (auto& [key, value] : parse_form(body)) {
        if (key == "index") post.index = std::move(value);
        if (key != "lines") continue;
        post.lines.clear();
        for (const auto line : split_worker_lines(value))
            post.lines.push_back(read_worker_line(line, job, wall_now(), mask));
    }
    return post;
}

std::int64_t index_of(const LogPost& post) {
    if (!post.index) throw worker_error(400, "Missing 'index'");
    const auto index = whole_number(*post.index);
    if (!index || *index < 0 || *index > most_lines_of_a_log) throw worker_error(400, "Invalid 'index'");
    return *index;
}

}  // namespace

Task<Response> take_job_log(Call& call) {
    const auto lease = attempt_of(call.request, call.path_values[0], call.lab);
    // A thousand lines take longer than the thread of all requests should be held up.
    auto read = [body = std::move(call.request.body), job = lease.job,
                 definition = secret_job(call.lab.store.reader(), lease.job)] {
        return read_post(body, job, definition);
    };
    auto post = co_await on_worker(call.lab.checkers, std::move(read));
    if (post.lines.empty()) throw worker_error(400, "Missing 'lines'");
    const auto index = index_of(post);
    const auto count = std::ssize(post.lines);
    auto store = [id = lease.id, index, lines = std::move(post.lines), limit = call.lab.settings.log_limit](
                     Database& db) { take_lines(db, id, index, lines, limit, wall_now()); };
    co_await call.lab.store.write(std::move(store));
    call.lab.events.publish(lease.job);
    co_return worker_answer({{"line_count", count}});
}

}  // namespace patchbay
