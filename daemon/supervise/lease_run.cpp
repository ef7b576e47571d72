// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/lease_run.hpp"

#include <spdlog/spdlog.h>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/sessions.hpp"
#include "daemon/supervise/crash_logs.hpp"
#include "daemon/supervise/ending.hpp"
#include "daemon/supervise/lease_folders.hpp"

namespace patchbay {

LeaseRun::LeaseRun(asio::any_io_executor io, asio::thread_pool& workers, Store& store, Events& events,
                   const Settings& settings, SupervisorTimes times, Coordinator& coordinator, LeaseRow lease)
    : io_{io},
      workers_{workers},
      store_{store},
      events_{events},
      settings_{settings},
      times_{times},
      coordinator_{coordinator},
      lease_{std::move(lease)},
      folder_{lease_.folder.empty() ? settings.leases_dir() / std::to_string(lease_.id.value)
                                    : std::filesystem::path{lease_.folder}},
      watchers_{io},
      news_{io} {}

template <class Fn>
Task<std::invoke_result_t<Fn&, Database&>> LeaseRun::persist(Fn fn) {
    for (;;) {
        std::exception_ptr failure;
        try {
            co_return co_await store_.write(fn);
        } catch (const RefusedError&) {
            throw;  // it would be refused again and again
        } catch (const StoreError&) {
            failure = std::current_exception();
        }
        spdlog::error("store refused a write, trying again lease={} job={} error=\"{}\"", lease_.id.value,
                      lease_.job.value, describe(failure));
        co_await sleep_for(times_.store_retry);
    }
}

Task<> LeaseRun::run() {
    std::exception_ptr failure;
    bool lost = false;
    std::string error_type{to_string(ErrorType::bug)};
    try {
        co_await follow();
        co_return;
    } catch (const LeaseLost&) {
        failure = std::current_exception();
        lost = true;
    } catch (const Error& error) {
        failure = std::current_exception();
        error_type = to_string(error.type());
    } catch (...) {
        failure = std::current_exception();
    }
    if (is_cancellation(failure)) std::rethrow_exception(failure);
    spdlog::error("lease failed lease={} job={} device={} error=\"{}\"", lease_.id.value, lease_.job.value,
                  lease_.device, describe(failure));
    if (runner_ && !exited_) co_await kill_runner();
    if (lost) co_return;
    auto message = describe(failure);
    co_await end_by(std::move(error_type), std::move(message));
}

Task<> LeaseRun::follow() {
    co_await begin();
    co_await and_finally(watch(), stop_watchers());
    if (session_) session_->over();
    co_await end_after_runner();
}

Task<> LeaseRun::note_runner() {
    lease_.folder = folder_.string();
    lease_.runner_pid = runner_->pid();
    lease_.runner_start = runner_->start_time();
    auto record = [lease = lease_](Database& db) {
        Leases leases{db};
        leases.set_folder(lease.id, lease.fence, lease.folder);
        if (!leases.set_runner(lease.id, lease.fence, lease.runner_pid, lease.runner_start))
            throw LeaseLost{"lease " + std::to_string(lease.id.value) + ": closed while its runner started"};
    };
    co_await persist(std::move(record));
}

Task<> LeaseRun::watch() {
    if (runner_ && !exited_) {
        auto more = [this] {
            has_news_ = true;
            news_.cancel();
        };
        auto connected = [this] {
            if (!target_group_.empty()) coordinator_.repeat(lease_.job, target_group_);
            if (session_) session_->connected();
        };
        control_.emplace(io_, folder_, std::move(more), std::move(connected));
        if (session_) connect_session();
        if (canceled_at_) tell_to_stop();
        watchers_.spawn("runner", await_exit());
        watchers_.spawn("control", control_->run());
        watchers_.spawn("control answers", control_->write());
    }
    for (;;) {
        const bool was_over = exited_;
        const bool more = co_await ingest();
        if (more) continue;
        if (was_over) co_return;
        press_on();
        if (killed_at_ && !survivor_told_ && Clock::now() >= *killed_at_ + times_.kill_patience)
            co_await tell_of_survivor();
        co_await wait_for_news();
    }
}

Task<> LeaseRun::stop_watchers() {
    watchers_.cancel();
    co_await watchers_.join();
}

Task<> LeaseRun::await_exit() {
    end_ = co_await runner_->wait();
    exited_ = true;
    has_news_ = true;
    news_.cancel();
}

/// Stores what the journal has now; true when there is more.
Task<bool> LeaseRun::ingest() {
    if (outcome_) co_return false;
    if (!journal_) {
        if (!std::filesystem::exists(folder_ / "journal")) co_return false;
        std::exception_ptr failure;
        try {
            journal_.emplace(folder_ / "journal");
        } catch (const InfrastructureError&) {
            failure = std::current_exception();
        }
        if (failure) {
            // Its header may be on its way; of a dead runner it never comes.
            if (exited_) spdlog::warn("journal unreadable lease={} error=\"{}\"", lease_.id.value, describe(failure));
            co_return false;
        }
        const auto& header = journal_->header();
        if (header.lease != lease_.id || header.fence != lease_.fence)
            throw LavaBug{"the journal in " + folder_.string() + " belongs to another lease"};
    }
    auto batch = read_batch(*journal_, lease_.journal_offset, lease_.job);
    if (batch.outcome) {
        outcome_ = batch.outcome;
        outcome_at_ = Clock::now();
    }
    const bool more = batch.more;
    if (batch.empty()) co_return more;
    const auto next = batch.next;
    const bool running = batch.running;
    const bool calls = !batch.calls.empty() && !target_group_.empty();
    auto store = [lease = lease_, batch = std::move(batch)](Database& db) {
        store_batch(db, lease, batch, wall_now());
    };
    co_await persist(std::move(store));
    lease_.journal_offset = next;
    last_batch_ = Clock::now();
    if (calls) coordinator_.heard(target_group_);
    if (running) spdlog::info("job running job={} device={}", lease_.job.value, lease_.device);
    if (running) session_end_changed();
    events_.publish(lease_.job);
    co_return more;
}

/// A person's lease is over for its runner: from now on nobody can make it longer, and its runner has to end soon.
Task<> LeaseRun::note_session_end(std::string why) {
    auto end = [job = lease_.job, why](Database& db) { return Sessions{db}.end(job, why, wall_now()); };
    const bool ended = co_await persist(std::move(end));
    if (!ended) co_return;
    const auto session = Sessions{store_.reader()}.find(lease_.job);
    if (session) limit_session(*session);
    has_news_ = true;
    news_.cancel();
}

void LeaseRun::tell(const GroupAnswer& answer) {
    if (control_) control_->say(encode(answer));
}

Task<> LeaseRun::end_after_runner() {
    // Of an adopted runner nobody knows the exit code; that it wrote an outcome is enough.
    const bool clean = (end_.clean() || end_.kind == RunnerEnd::Kind::unknown) &&
                       lease_.phase != LeaseRow::Phase::making_safe &&  // begun by an earlier daemon
                       (!outcome_ || outcome_->safe);
    if (was_stopped()) {
        if (!outcome_ || !clean) {
            keep_log_ = true;
            if (touched_device()) co_await make_safe();
        }
        co_await end_stopped();
        co_return;
    }
    if (!outcome_) {
        const bool canceled = canceled_at_.has_value();
        // Named before the co_await: GCC 12 destroys temporaries of such an expression twice.
        std::string error_type{to_string(canceled ? ErrorType::canceled : ErrorType::infrastructure)};
        std::string message = in_overtime_ ? "the runner of this job did not end when the job's time was out: "
                                           : "the runner of this job ended unexpectedly: ";
        message += describe(end_) + "; the device was brought to its safe state, " +
                   (session_ ? "acquire it again" : "submit the job again");
        if (canceled) message = "The job was canceled; its runner " + describe(end_);
        if (canceled && !touched_device()) message = "The job was canceled before it began";
        co_await end_by(std::move(error_type), std::move(message));
        co_return;
    }
    if (!clean) {
        keep_log_ = true;
        co_await make_safe();
    }
    IngestBatch last;
    last.next = lease_.journal_offset;
    co_await finish(std::move(last), *outcome_);
}

/// The device is in its safe state.
Task<> LeaseRun::end_stopped() {
    if (lease_.requeue) {
        auto piece = [lease = lease_](Database& db) { return set_piece_aside(db, lease); };
        while (co_await persist(piece)) continue;
        auto requeue = [lease = lease_](Database& db) { return requeue_job(db, lease, wall_now()); };
        if (co_await persist(std::move(requeue))) {
            spdlog::info("job queued again job={} device={} attempt={} reason=\"{}\"", lease_.job.value, lease_.device,
                         lease_.attempt, lease_.stop_reason);
            leave_folder();
            co_return;
        }
    }
    std::string message = "The job was canceled";
    auto error_type = ErrorType::canceled;  // in this moment
    if (!lease_.requeue) {
        error_type = ErrorType::infrastructure;
        message = session_ ? "the lease was " + lease_.stop_reason + "; acquire the device again"
                           : "attempt " + std::to_string(lease_.attempt) + " was " + lease_.stop_reason +
                                 ", and it was the last that the lab's rules allow; submit the job again";
    }
    IngestBatch last;
    last.next = lease_.journal_offset;
    add_ending(last, std::string{to_string(error_type)}, message, lease_.job, wall_now());
    const auto outcome = *last.outcome;
    co_await finish(std::move(last), outcome);
}

Task<> LeaseRun::end_by(std::string error_type, std::string message) {
    keep_log_ = true;
    if (touched_device()) co_await make_safe();
    IngestBatch last;
    last.next = lease_.journal_offset;
    // A job has one verdict: the runner's, when only its outcome is missing.
    last.outcome = stored_verdict(store_.reader(), lease_.job);
    if (!last.outcome) add_ending(last, error_type, message, lease_.job, wall_now());
    const auto outcome = *last.outcome;
    co_await finish(std::move(last), outcome);
}

bool LeaseRun::is_ours() const {
    const auto stored = Leases{store_.reader()}.find(lease_.id);
    return stored && stored->fence == lease_.fence && stored->phase != LeaseRow::Phase::closed;
}

Task<> LeaseRun::make_safe() {
    auto mark = [lease = lease_](Database& db) {
        if (!Leases{db}.set_phase(lease.id, lease.fence, LeaseRow::Phase::making_safe))
            throw LeaseLost{"lease " + std::to_string(lease.id.value) + ": its device is another's to make safe"};
    };
    // A board does not stay on because the disk is full: the mark is for a daemon that comes after us.
    try {
        co_await store_.write(mark);
    } catch (const RefusedError&) {
        throw;
    } catch (const StoreError& error) {
        spdlog::error("safe state not noted, going on lease={} device={} error=\"{}\"", lease_.id.value, lease_.device,
                      error.what());
        if (!is_ours()) throw LeaseLost{"lease " + std::to_string(lease_.id.value) + ": its device is another's"};
    }
    // An earlier daemon may have blamed the device already, or we for a runner that did not end.
    const auto device = Devices{store_.reader()}.find(lease_.device);
    bool blamed = survivor_told_ ||
                  (lease_.phase == LeaseRow::Phase::making_safe && device && device->health == DeviceHealth::bad);
    const auto job = "job " + std::to_string(lease_.job.value);
    for (auto pause = times_.retry_first;; pause = std::min(2 * pause, times_.retry_longest)) {
        const auto attempt = co_await run_make_safe();
        if (attempt.end.clean()) break;
        const auto end = describe(attempt.end);
        spdlog::error("device not in its safe state device={} lease={} attempt=\"{}\" error=\"{}\" log={}",
                      lease_.device, lease_.id.value, end, attempt.error, (folder_ / "runner.log").string());
        if (!blamed) {
            HealthReason reason{"cannot be brought to its safe state after " + job, lease_.job, attempt.error};
            if (attempt.error.empty()) reason.text += " (" + end + "); check its power and console";
            blamed = co_await blame_device(std::move(reason));
        }
        co_await sleep_for(pause);
    }
    if (!blamed) co_return;
    auto clear = [lease = lease_, job](Database& db) {
        Devices devices{db};
        HealthReason mended{"was brought to its safe state after " + job + ", at first in vain", lease.job};
        const auto last = devices.health_history(lease.device, 1);
        if (!last.empty() && last[0].reason.job == lease.job) mended.detail = last[0].reason.detail;
        devices.judge(lease.device, DeviceHealth::unknown, mended, wall_now());
    };
    co_await persist(std::move(clear));
}

Task<> LeaseRun::finish(IngestBatch batch, Outcome outcome) {
    auto close = [lease = lease_, batch = std::move(batch), outcome](Database& db) {
        close_lease(db, lease, batch, outcome, wall_now());
    };
    co_await persist(std::move(close));
    spdlog::info("job finished job={} device={} result={} error_type={}", lease_.job.value, lease_.device,
                 outcome.passed ? "pass" : "fail", outcome.error_type.empty() ? "none" : outcome.error_type);
    leave_folder();
}

void LeaseRun::leave_folder() {
    std::error_code error;
    journal_.reset();
    if (keep_log_ && std::filesystem::exists(folder_ / "runner.log", error))
        keep_crash_log(folder_ / "runner.log", settings_.state_dir / "crashes", lease_.id);
    if (std::filesystem::exists(folder_, error)) leftover_ = set_aside(folder_);
}

}  // namespace patchbay
