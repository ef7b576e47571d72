// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runners in units of their own: systemd holds one socket for each device (patchbay-runner@NAME.socket), and starts the
// unit with the rights to that device's nodes when the daemon calls there. jobs/runner/unit.hpp has what is said.

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <string_view>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "daemon/supervise/runner_process.hpp"

namespace patchbay {

/// What a runner is for.
enum class RunnerWork { lease, make_safe };
/// The runner's option: "--lease", "--make-safe".
std::string_view option_of(RunnerWork work);

/// Has the unit at `socket` begin, in the same process that systemd started; it does not die with us.
/// Done when: the runner has begun, and its pid is known.
/// Cancellation: safe; the runner has begun or never does, and is then found by its arguments.
/// Throws: ConfigurationError, there is no such socket, or it is not for us; InfrastructureError: the unit refuses, or
///         does not start within `patience`.
Task<RunnerProcess> start_in_unit(asio::any_io_executor executor, std::filesystem::path socket, RunnerWork work,
                                  std::filesystem::path folder, Clock::duration patience);

}  // namespace patchbay
