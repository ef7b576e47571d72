// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/actions/action.hpp"

namespace patchbay {

/// An action that may be tried again: the block's failure_retry, else the device's; or repeated: the block's repeat.
/// Tries again after InfrastructureError, JobError, TestError and the time-out of a test only
/// (lava_dispatcher/logical.py).
class RetryAction : public Action {
public:
    using Action::Action;

protected:
    Task<> run(JobContext& job, Deadline deadline) override;
    int max_retries() const override { return attempts_; }
    /// What one try does. Default: the children.
    virtual Task<> attempt(JobContext& job, Deadline deadline) { return Action::run(job, deadline); }
    bool owns_timer() const override { return false; }

private:
    friend class Action;
    int attempts_ = 1;
};

}  // namespace patchbay
