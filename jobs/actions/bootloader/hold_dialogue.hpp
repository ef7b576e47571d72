// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "jobs/actions/job_context.hpp"
#include "jobs/bootloader/dialogue.hpp"

namespace patchbay {

/// Holds a dialogue on a console until it ends: types what its steps say, with the device's delay for boots, and hands
/// it what comes. `who`: how the log calls the waiting action. False: `deadline` came first.
/// Throws: what a step fails with; ConnectionClosedError, the console ended.
Task<bool> hold_dialogue(JobContext& job, ConsoleSession& console, Dialogue& dialogue, std::string who,
                         Deadline deadline);

/// The next step of a dialogue on a console; nothing: the time is over. Throws: as ConsoleSession::wait_some().
Task<std::optional<DialogueStep>> next_step(ConsoleSession& console, Dialogue& dialogue, Deadline deadline);

/// Logs what `who` waits for from here on.
void log_wait(JobContext& job, const std::string& who, const Dialogue& dialogue, Deadline deadline);

}  // namespace patchbay
