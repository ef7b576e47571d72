// SPDX-License-Identifier: Apache-2.0
#include "daemon/workers/attempt_at_worker.hpp"

#include <algorithm>

#include "core/errors.hpp"
#include "daemon/notify/announce.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/worker_leases.hpp"
#include "daemon/supervise/ending.hpp"
#include "jobs/journal/log_record.hpp"

namespace patchbay {
namespace {

bool is_over(const LeaseRow& lease) { return lease.phase == LeaseRow::Phase::closed; }

IngestBatch nothing_new(const LeaseRow& lease) {
    IngestBatch batch;
    batch.next = lease.journal_offset;
    return batch;
}

/// What the worker says, and what its log said before.
Outcome outcome_of(Database& db, const LeaseRow& lease, const WorkerEnding& ending, JobState state) {
    Outcome outcome;
    outcome.passed = ending.passed;
    if (outcome.passed) return outcome;
    outcome.error_type = ending.error_type;
    if (const auto verdict = stored_verdict(db, lease.job)) outcome.error_msg = verdict->error_msg;
    // It heard of the job only to cancel it, and calls that an error.
    if (state == JobState::canceling && lease.phase == LeaseRow::Phase::starting) {
        outcome.error_type = to_string(ErrorType::canceled);
        outcome.error_msg = "The job was canceled before it began";
    }
    return outcome;
}

/// The lines of one request on their way into the log of the job.
class LinesOfWorker {
public:
    LinesOfWorker(Database& db, LeaseRow lease, std::int64_t log_limit, WallTime now)
        : db_{db},
          lease_{std::move(lease)},
          log_limit_{log_limit},
          now_{now},
          bytes_{Logs{db}.byte_count(lease_.job)} {}

    void take(std::int64_t index, std::vector<WorkerLine> lines) {
        const auto skip = align(index, lines);
        for (auto& line : std::span{lines}.subspan(skip)) keep(line);
        Logs{db_}.append(lease_.job, records_);
        lease_.journal_offset = std::max(lease_.journal_offset, index + std::ssize(lines));
        WorkerLeases{db_}.set_position(lease_.id, lease_.journal_offset, lease_.first_line);
    }

private:
    /// Makes `index` mean what it means to the worker. Returns how many lines the log has already.
    std::size_t align(std::int64_t index, const std::vector<WorkerLine>& lines) {
        const auto stored = lease_.journal_offset;
        if (index > stored) {
            say("lines " + std::to_string(stored) + " to " + std::to_string(index - 1) +
                " of the worker's log are missing: it sent them before, and this store does not have them");
            begin_at(index);
        } else if (index < stored && is_another_run(index, lines)) {
            say("worker " + lease_.worker + " has started this job again; what follows is its new log");
            begin_at(index);
        }
        return std::min(lines.size(), static_cast<std::size_t>(lease_.journal_offset - index));
    }

    void begin_at(std::int64_t index) {
        lease_.journal_offset = index;
        lease_.first_line = Logs{db_}.line_count(lease_.job) + std::ssize(records_) - index;
    }

    /// Lines have their time to the microsecond, so one that comes again is the same, and another is of another run.
    /// Where the log was cut, nothing can be said about it.
    bool is_another_run(std::int64_t index, const std::vector<WorkerLine>& lines) {
        const auto number = lease_.first_line + index;
        if (is_full() || lines.empty() || number < 0) return false;
        const auto stored = Logs{db_}.read(lease_.job, number, number + 1);
        return !stored.empty() && stored != "- " + lines.front().record + "\n";
    }

    bool is_full() const { return bytes_ >= log_limit_; }
    // Results are few, unless they are made to fill the disk.
    bool takes_no_results() const { return bytes_ >= log_limit_ + log_limit_ / 8 + 4096; }

    void say(const std::string& text) {
        if (takes_no_results()) return;
        std::string record;
        append_log_record(record, now_, LogLevel::warning, text);
        add(std::move(record));
    }

    void add(std::string record) {
        bytes_ += std::ssize(record) + 3;  // "- " and the line end
        records_.push_back(std::move(record));
    }

    void keep(WorkerLine& line) {
        if (is_full() && (!line.test_case || takes_no_results())) return;
        const bool had_room = !is_full();
        add(std::move(line.record));
        if (had_room && is_full())
            say("the log of this job has " + std::to_string(log_limit_) +
                " bytes, as many as the lab keeps; of what follows only results are kept");
        if (!line.comment.empty()) Jobs{db_}.add_failure_comment(lease_.job, line.comment);
        if (line.test_case) add_case(std::move(*line.test_case));
    }

    void add_case(NewCase row) {
        Results results{db_};
        // Written by us, when the job had to end without the worker.
        if (is_over(lease_) && row.suite == "lava" && row.name == "job" && results.job_verdict(lease_.job)) return;
        row.logged = now_;
        if (row.start_log_line) *row.start_log_line += lease_.first_line;
        if (row.end_log_line) *row.end_log_line += lease_.first_line;
        results.add_case(lease_.job, row);
    }

    Database& db_;
    LeaseRow lease_;
    const std::int64_t log_limit_;
    const WallTime now_;
    std::int64_t bytes_;
    std::vector<std::string> records_;
};

}  // namespace

bool begin_at_worker(Database& db, LeaseId id, WallTime now) {
    const auto lease = Leases{db}.find(id);
    if (!lease || lease->phase != LeaseRow::Phase::starting) return false;
    auto batch = nothing_new(*lease);
    batch.running = true;
    store_batch(db, *lease, batch, now);
    return true;
}

AttemptEnd end_at_worker(Database& db, LeaseId id, const WorkerEnding& ending, WallTime now) {
    const auto lease = Leases{db}.find(id);
    if (!lease || is_over(*lease)) return AttemptEnd::was_over;
    const auto job = Jobs{db}.status(lease->job);
    const auto state = job ? job->state : JobState::finished;
    if (!ending.errors.empty()) Jobs{db}.add_failure_comment(lease->job, ending.errors);
    if (!ending.pipeline.empty()) WorkerLeases{db}.set_pipeline(lease->job, ending.pipeline);
    auto outcome = outcome_of(db, *lease, ending, state);
    auto last = nothing_new(*lease);
    const bool stopped = !lease->stop_reason.empty() && !outcome.passed && state != JobState::canceling;
    if (stopped && lease->requeue && requeue_job(db, *lease, now)) return AttemptEnd::queued_again;
    if (stopped) {
        add_ending(last, std::string{to_string(ErrorType::infrastructure)},
                   "attempt " + std::to_string(lease->attempt) + " was " + lease->stop_reason +
                       ", and it was the last that the lab's rules allow; submit the job again",
                   lease->job, now);
        outcome = *last.outcome;
    }
    close_lease(db, *lease, last, outcome, now);
    return AttemptEnd::finished;
}

void end_unbegun(Database& db, LeaseId id, const std::string& error_type, const std::string& message, WallTime now) {
    const auto lease = Leases{db}.find(id);
    if (!lease || is_over(*lease)) return;
    auto last = nothing_new(*lease);
    add_ending(last, error_type, message, lease->job, now);
    const auto outcome = *last.outcome;
    close_lease(db, *lease, last, outcome, now);
}

void take_lines(Database& db, LeaseId id, std::int64_t index, std::vector<WorkerLine> lines, std::int64_t log_limit,
                WallTime now) {
    const auto lease = Leases{db}.find(id);
    if (!lease) return;
    // The results of an attempt that others have followed are set aside, and its log has gone on.
    const auto attempts = Leases{db}.attempts(lease->job);
    if (attempts.back().id != id) return;
    const auto job = Jobs{db}.status(lease->job);
    if (!job || job->log_removed) return;
    LinesOfWorker{db, *lease, log_limit, now}.take(index, std::move(lines));
}

}  // namespace patchbay
