// SPDX-License-Identifier: Apache-2.0
#pragma once
// How boots start the machine that a device is.

#include <string>
#include <vector>

#include "devices/capability/direct_boot.hpp"
#include "jobs/actions/action.hpp"

namespace patchbay {

struct NamespaceState;

ActionPtr build_boot_qemu_iso(const ActionBlock& block, const JobContext& job);

/// When a job is validated: may it have this architecture, and is the program there? Logs which one.
Task<BootProgram> probe_machine(JobContext& job, const ActionBlock& block, std::vector<std::string>& errors);

/// The `arch` of the job's context; empty: it has none.
std::string architecture_of(const JobContext& job);

/// What the deployed images want of the command line.
std::vector<std::string> image_arguments(const JobContext& job, const NamespaceState& state);
/// The drive with the test overlay; none, when an image has it or no test needs it.
std::vector<std::string> guest_drive_arguments(const JobContext& job, const NamespaceState& state);

/// Starts the machine, whose console becomes that of the namespace. One that runs is switched off before.
/// Throws: as DirectBoot::boot().
Task<> start_machine(JobContext& job, std::string ns, std::vector<std::string> command);

}  // namespace patchbay
