// SPDX-License-Identifier: Apache-2.0
// How long a runner is waited for, how it is told that it should end, and what is done about one that does not.
#include <signal.h>
#include <spdlog/spdlog.h>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/wake.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/supervise/lease_run.hpp"

namespace patchbay {

/// A runner that should end and does not is helped along.
void LeaseRun::press_on() {
    if (!runner_ || exited_) return;
    const auto now = Clock::now();
    if (canceled_at_ && !terminated_ && !control_->cancel_sent() && now >= *canceled_at_ + times_.terminate_after) {
        spdlog::warn("runner does not listen, terminating it lease={} pid={}", lease_.id.value, runner_->pid());
        runner_->signal(SIGTERM);
        terminated_ = true;
    }
    in_overtime_ = !outcome_at_ && now >= latest_end_;
    const bool overdue = in_overtime_ || (canceled_at_ && now >= *canceled_at_ + times_.kill_after + power_off_time_) ||
                         (outcome_at_ && now >= *outcome_at_ + times_.outcome_grace);
    if (overdue && !killed_at_) {
        killed_at_ = now;  // once: one that hangs in a driver of the system dies when that lets go of it
        spdlog::warn("runner does not end, killing it lease={} pid={}", lease_.id.value, runner_->pid());
        runner_->kill_group();
    }
}

/// Ended when: it is dead.
Task<> LeaseRun::kill_runner() {
    if (!killed_at_) {
        killed_at_ = Clock::now();
        runner_->kill_group();
    }
    bool survived = false;
    try {
        end_ = co_await with_deadline(Deadline::in(times_.kill_patience), "end of killed runner", runner_->wait());
    } catch (const TimedOut&) {
        survived = true;
    }
    if (!survived) co_return;
    if (!survivor_told_) co_await tell_of_survivor();
    end_ = co_await runner_->wait();
}

/// It hangs in a driver of the system, and its device with it: the lab's owner has to look.
Task<> LeaseRun::tell_of_survivor() {
    survivor_told_ = true;
    HealthReason reason{"the runner of job " + std::to_string(lease_.job.value) + ", process " +
                            std::to_string(runner_->pid()) + ", does not die of KILL; see what it hangs in (/proc/" +
                            std::to_string(runner_->pid()) + "/stack) and free the device",
                        lease_.job};
    spdlog::error("runner survives KILL lease={} device={} pid={}", lease_.id.value, lease_.device, runner_->pid());
    co_await blame_device(std::move(reason));
}

/// Bad, for the lab's owner to look. False: the store did not take it; nothing waits for that.
Task<bool> LeaseRun::blame_device(HealthReason reason) {
    auto blame = [device = lease_.device, reason](Database& db) {
        Devices{db}.judge(device, DeviceHealth::bad, reason, wall_now());
    };
    bool noted = true;
    try {
        co_await store_.write(std::move(blame));
    } catch (const StoreError& error) {
        spdlog::error("health not noted device={} error=\"{}\"", lease_.device, error.what());
        noted = false;
    }
    co_return noted;
}

Task<> LeaseRun::wait_for_news() {
    if (!has_news_) {
        auto latest = Clock::now() + times_.look_anyway;
        if (canceled_at_ && !killed_at_) {
            latest = std::min(latest, *canceled_at_ + times_.kill_after + power_off_time_);
            if (!terminated_ && !control_->cancel_sent())
                latest = std::min(latest, *canceled_at_ + times_.terminate_after);
        }
        if (outcome_at_ && !killed_at_) latest = std::min(latest, *outcome_at_ + times_.outcome_grace);
        if (killed_at_ && !survivor_told_) latest = std::min(latest, *killed_at_ + times_.kill_patience);
        co_await sleep_until_woken(news_, std::max(latest, Clock::now() + 10ms));
    }
    // Busy: gather for a moment. Whoever was silent for that long is read at once.
    while (!exited_ && Clock::now() < last_batch_ + times_.busy_pause)
        co_await sleep_until_woken(news_, last_batch_ + times_.busy_pause);
    has_news_ = false;
}

void LeaseRun::cancel() {
    if (canceled_at_) return;
    canceled_at_ = Clock::now();
    if (control_) tell_to_stop();
    has_news_ = true;
    news_.cancel();
}

void LeaseRun::stop(const LeaseRow& lease) {
    lease_.stop_reason = lease.stop_reason;
    lease_.requeue = lease.requeue;
    cancel();
}

void LeaseRun::tell_to_stop() {
    control_->cancel(lease_.stop_reason.empty() ? "The job was canceled" : "The job was " + lease_.stop_reason);
}

/// One that was over before it heard of it has ended as any other; one that a person has canceled is canceled.
bool LeaseRun::was_stopped() const {
    if (lease_.stop_reason.empty() || (outcome_ && outcome_->error_type != to_string(ErrorType::canceled)))
        return false;
    const auto job = Jobs{store_.reader()}.status(lease_.job);
    return job && job->state != JobState::canceling;
}

}  // namespace patchbay
