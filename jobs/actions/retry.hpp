// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/actions/action.hpp"

namespace patchbay {

/// An action that may be tried again: the block's failure_retry, else the device's; or repeated: the block's repeat.
/// Tries again after InfrastructureError, JobError, TestError and the time-out of a test that is not to be skipped
/// (lava_dispatcher/logical.py). The last failure is thrown as it is; when time ends the tries, or after the rounds
/// of a repeat, one of its class that counts.
class RetryAction : public Action {
public:
    using Action::Action;

protected:
    Task<> run(JobContext& job, Deadline deadline) override;
    int max_retries() const override { return attempts_; }
    void settled(const JobContext& job) override;
    /// What one try does. Default: the children.
    virtual Task<> attempt(JobContext& job, Deadline deadline) { return Action::run(job, deadline); }
    bool owns_timer() const override { return false; }

private:
    int attempts_ = 1;
};

}  // namespace patchbay
