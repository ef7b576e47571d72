// SPDX-License-Identifier: Apache-2.0
// How the server learns what becomes of a job: each step is noted when the server has taken it, and sent again until
// then. Lines have numbers, so that the server drops those it has; an end is harmless when it comes twice.
#include <spdlog/spdlog.h>

#include "core/deadline.hpp"
#include "core/worker.hpp"
#include "daemon/attach/attachment.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

/// One job that is being reported.
struct Attachment::Reporter {
    AttachedJobId id;
    Retry retry;
    std::int64_t limit = most_lines;  ///< lines that the server takes at once
    bool too_large = false;           ///< not even one
    std::optional<Events::Watch> watch;
    std::string problem;
};

void Attachment::follow_open_jobs() {
    for (const auto& row : AttachedJobs{lab_.store.reader()}.open(settings_.name))
        if (followed_.insert(row.id).second)
            group_.spawn("report of job " + std::to_string(row.job.value), follow(row.id));
}

Task<> Attachment::follow(AttachedJobId id) {
    Reporter reporter{id, Retry{times_}, most_lines, false, {}, {}};
    for (bool goes_on = true; goes_on;) {
        std::exception_ptr failure;
        try {
            goes_on = co_await report(reporter);
        } catch (const std::exception&) {
            failure = std::current_exception();
        }
        if (is_cancellation(failure)) std::rethrow_exception(failure);
        if (stop_.stop_requested()) co_return;
        if (!failure) continue;
        if (const auto problem = describe(failure); problem != reporter.problem) {
            reporter.problem = problem;
            spdlog::warn("report of a job not taken, trying again attachment={} attached_job={} problem=\"{}\"",
                         settings_.name, id.value, problem);
        }
        co_await sleep_for(reporter.retry.failed());
    }
    followed_.erase(id);
}

/// One thing; false: there is nothing more to tell, ever.
Task<bool> Attachment::report(Reporter& reporter) {
    auto& db = lab_.store.reader();
    const auto row = AttachedJobs{db}.find(reporter.id);
    if (!row || row->ended) co_return false;
    if (!reporter.watch) reporter.watch.emplace(lab_.events.watch(row->job));
    auto next = next_report(db, &lab_.store.log_cache(), *row, reporter.limit);
    if (next.kind == Report::Kind::nothing) {
        co_await reporter.watch->next();
        co_return true;
    }
    if (next.kind == Report::Kind::lines && reporter.too_large)
        next.lines = unsent_line(static_cast<std::int64_t>(next.lines.size()), wall_now());
    const RemoteJob remote{row->remote, row->token};
    auto send = [client = client_, remote, version = version_, next, index = row->lines_sent] {
        if (next.kind == Report::Kind::running) return client.running(remote, version);
        if (next.kind == Report::Kind::lines) return client.logs(remote, version, next.lines, index);
        return client.finished(remote, version, next.end);
    };
    auto reply = co_await on_worker(pool_, std::move(send));
    if (reply.stopped) co_return true;
    const bool whole = next.count == reporter.limit;
    const bool lines = next.kind == Report::Kind::lines;
    co_await note_answer(reporter, *row, std::move(next), std::move(reply));
    if (lines && !whole) {
        const auto status = Jobs{db}.status(row->job);
        if (status && status->state != JobState::finished) co_await sleep_for(times_.between_lines);
    }
    co_return true;
}

/// It is not in the server's lists, and it is over here.
bool Attachment::is_given_up(const AttachedJobRow& row) const {
    const auto found = missing_.find(row.id);
    const auto status = Jobs{lab_.store.reader()}.status(row.job);
    return found != missing_.end() && found->second >= lists_without && status && status->state == JobState::finished;
}

Task<> Attachment::end(AttachedJobRow row, std::string why) {
    auto write = [id = row.id](Database& db) { AttachedJobs{db}.end(id, wall_now()); };
    co_await lab_.store.write(std::move(write));
    spdlog::warn("end of a job not reported attachment={} remote_job={} job={} problem=\"{}\"", settings_.name,
                 row.remote, row.job.value, why);
}

/// Throws: InfrastructureError, the server did not take it.
Task<> Attachment::note_answer(Reporter& reporter, AttachedJobRow row, Report report, ServerReply reply) {
    if (is_unknown_job(reply.status, reply.body, row.remote)) {
        co_await cancel(row, "No longer known at " + settings_.name);
        co_await end(row, "not known by the server any more");
        co_return;
    }
    const bool lines = report.kind == Report::Kind::lines;
    if (lines && reply.status == 413 && !reporter.too_large) {
        reporter.too_large = reporter.limit == 1 || report.count == 1;
        reporter.limit = std::max<std::int64_t>(1, std::min(reporter.limit, report.count) / 2);
        co_return;
    }
    if (reply.status >= 400 && reply.status < 500 && is_given_up(row)) {
        co_await end(row, "neither named nor known by the server any more");
        co_return;
    }
    if (reply.status != 200) {
        const auto error = read_error(reply.body);
        throw InfrastructureError{reply.status == 0 ? settings_.server + ": " + reply.problem
                                                    : settings_.server + " answered " + std::to_string(reply.status) +
                                                          (error.empty() ? "" : ": " + error)};
    }
    std::int64_t taken = 0;
    if (lines) {
        taken = read_line_count(reply.body, report.count);
        if (taken == 0) throw BadAnswer{settings_.server + " took no line of the log"};
    }
    auto note = [id = row.id, kind = report.kind, sent = row.lines_sent + taken](Database& db) {
        AttachedJobs jobs{db};
        if (kind == Report::Kind::running) jobs.set_running_told(id);
        if (kind == Report::Kind::lines) jobs.set_lines_sent(id, sent);
        if (kind == Report::Kind::end) jobs.end(id, wall_now());
    };
    co_await lab_.store.write(std::move(note));
    reporter.retry.succeeded();
    reporter.problem.clear();
    if (lines) {
        reporter.too_large = false;
        reporter.limit = std::min(2 * reporter.limit, most_lines);
    }
    if (report.kind == Report::Kind::end)
        spdlog::info("job of a server ended attachment={} remote_job={} job={} result={} error_type={}", settings_.name,
                     row.remote, row.job.value, report.end.passed ? "pass" : "fail",
                     report.end.error_type.empty() ? "none" : report.end.error_type);
}

}  // namespace patchbay
