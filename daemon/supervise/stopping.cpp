// SPDX-License-Identifier: Apache-2.0
// How a runner is told that it should end, and what is done about one that does not.
#include <signal.h>
#include <spdlog/spdlog.h>

#include "core/errors.hpp"
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
    if (overdue && !killed_) {
        killed_ = true;  // once: one that hangs in a driver of the system dies when that lets go of it
        spdlog::warn("runner does not end, killing it lease={} pid={}", lease_.id.value, runner_->pid());
        runner_->kill_group();
    }
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
