// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/actions/action.hpp"
#include "jobs/bootloader/dialogue.hpp"

namespace patchbay {

/// A step that is one dialogue with a boot loader or firmware. What that does not do in time is the lab's problem, not
/// the job's.
class LoaderAction : public Action {
public:
    using Action::Action;

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    /// `newline`: what ends a typed line there.
    /// Throws: what the dialogue fails with; InfrastructureError, it took too long.
    Task<> hold(JobContext& job, Dialogue& dialogue, Deadline deadline, std::string newline = "\n");
};

}  // namespace patchbay
