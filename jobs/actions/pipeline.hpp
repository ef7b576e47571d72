// SPDX-License-Identifier: Apache-2.0
#pragma once
// The tree of actions of one job, built from its definition. The shape and the numbers are LAVA 2023.01's.

#include <string>
#include <vector>

#include "jobs/actions/action.hpp"

namespace patchbay {

/// What the tests of one namespace need from its deploy and boot (lava_dispatcher/parser.py).
struct TestNeeds {
    bool overlay = false;  ///< some test wants the helper scripts on the target
    bool shell = false;    ///< boot must end at a shell prompt
};
TestNeeds test_needs(const Definition& definition, const std::string& ns);

class Pipeline {
public:
    /// Throws: JobError when no method accepts a block ("None of the Base-deploy strategies accepted ...").
    explicit Pipeline(const JobContext& job);

    /// Throws: JobError "Invalid job data: [...]\n" with all that is wrong.
    Task<> validate(JobContext& job);
    /// Every top-level action in order, `finalize` last.
    Task<> run(JobContext& job, Deadline deadline);
    /// Every action's cleanup; then finalize, if it has not run yet and `power_off` says so.
    enum class Finalize { if_not_done, no };
    Task<> cleanup(JobContext& job, Finalize finalize);

    config::Value describe() const;

private:
    Task<> run_top_level(Action& action, const ActionBlock& block, JobContext& job, Deadline deadline);

    std::vector<ActionPtr> actions_;
    ActionBlock finalize_block_;
    ActionPtr finalize_;
    bool finalized_ = false;
};

}  // namespace patchbay
