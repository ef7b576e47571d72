// SPDX-License-Identifier: Apache-2.0
#pragma once
// The tree of actions of one job, built from its definition. The shape and the numbers are later LAVA's
// (2026), which is what labs run now; 2023.01, whose recordings are our tests, has two steps more that do nothing.

#include <string>
#include <vector>

#include "jobs/actions/action.hpp"

namespace patchbay {

/// Is it a test whose definitions are in the overlay that this namespace's deploy makes?
bool runs_from_overlay(const ActionBlock& block, const std::string& ns);
/// How many such tests stand before this one: its folder in that overlay.
int stage_of(const Definition& definition, const ActionBlock& block, const std::string& ns);

/// Folders of this host are called so, and stand in options of programs. Throws: JobError, it is no such name.
void check_namespace(const std::string& name);

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
    /// Every top-level action in order, without finalize.
    Task<> run(JobContext& job, Deadline deadline);
    /// Every action's cleanup. Throws: InfrastructureError when one failed.
    Task<> cleanup(JobContext& job);
    /// The finalize action, if it has not run yet. Each of its steps has its own time. Never within what a stop of the
    /// job reaches: the machine must go off.
    Task<> finalize(JobContext& job);
    /// The same at the end of a job that went well: LAVA then logs it as an action like any other.
    Task<> finish(JobContext& job);

    config::Value describe() const;

private:
    std::vector<ActionPtr> actions_;
    ActionBlock finalize_block_;
    ActionPtr finalize_;
    bool finalized_ = false;
};

}  // namespace patchbay
