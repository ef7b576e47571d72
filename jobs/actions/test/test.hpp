// SPDX-License-Identifier: Apache-2.0
#pragma once
// The kinds of test action and what they share.

#include <optional>
#include <string>

#include "jobs/actions/action.hpp"
#include "jobs/results/test_run.hpp"

namespace patchbay {

class ConsoleSession;

ActionPtr build_test_shell(const ActionBlock& block, const JobContext& job);
ActionPtr build_docker_test(const ActionBlock& block, const JobContext& job);
ActionPtr build_interactive(const ActionBlock& block, const JobContext& job);
ActionPtr build_monitors(const ActionBlock& block, const JobContext& job);

/// What the log lines and results of some effects leave to do.
struct EffectsOutcome {
    bool end = false;                  ///< the run, or the monitor, is over
    std::optional<std::string> raise;  ///< text of a TestError
    std::optional<GroupCall> call;     ///< for make_group_call()
};

/// Logs lines and results in their order; listens to other namespaces where a test asked for it.
Task<EffectsOutcome> apply_effects(JobContext& job, TestEffects effects);
/// The same for effects that hold nothing to wait for.
void log_effects(JobContext& job, const TestEffects& effects);

/// The console of a test that types, with the pause between characters that tests need.
/// Throws: JobError when there is none.
ConsoleSession& typing_console(JobContext& job, const ActionBlock& block);

/// Asks the multinode group; the console is read on meanwhile. nullopt: no answer came by `deadline`.
/// Throws: ConnectionClosedError, the console ended.
Task<std::optional<GroupAnswer>> ask_group(JobContext& job, ConsoleSession& console, GroupCall call, Deadline deadline);

/// What became of a call to the multinode group.
struct GroupCallOutcome {
    bool passed = false;  ///< else it was refused, its reply cannot be typed, or no answer came in time
    std::string refused;  ///< why
};
/// Asks the group, within the job's time for such calls and within `deadline`, and types the reply.
/// Throws: ConnectionClosedError, the console ended.
Task<GroupCallOutcome> make_group_call(JobContext& job, ConsoleSession& console, GroupCall call, Deadline deadline);

/// The map `fixupdict` of a monitor or a parse section; LAVA's default when there is none.
Fixup read_fixup(const config::Value* value);
/// A list of texts; a single text counts as one.
std::vector<std::string> read_texts(const config::Value* value);

}  // namespace patchbay
