// SPDX-License-Identifier: Apache-2.0
#pragma once
// Boards with each kind of boot loader, as LAVA's templates describe such devices: the same job boots all of them.
//
//   SimJob job;
//   const auto loader = sim_loader("grub");
//   put_loader(job, loader);
//   answer(job, loader, {"linux", "error: timeout reading `Image'.\r\n"});

#include <string>
#include <vector>

#include "tests/jobs/actions/loader_job.hpp"

namespace patchbay::testing {

struct SimLoader {
    std::string method;
    std::string prompt;                 ///< as it is printed
    std::string expected;               ///< bootloader_prompt of the device
    std::string methods;                ///< YAML below actions.boot.methods, without the commands
    std::vector<std::string> commands;  ///< of the set `ramdisk`
    std::string last;                   ///< what the last of them holds, and no other
    std::vector<SimStep> start;         ///< from power-on to the first prompt
};

/// u-boot, barebox, grub, grub-efi, ipxe, depthcharge, uefi.
SimLoader sim_loader(const std::string& method);
/// The device, its board, the files of a deploy, and a job that boots it.
void put_loader(SimJob& job, const SimLoader& loader, const std::string& extra = "");
/// constants.<method>.error-messages and what else a template says of each loader.
extern const std::string loader_constants;

/// What the board says to a command.
void answer(SimJob& job, const SimLoader& loader, SimAnswer answer);
/// From power-on until the last command is typed, step by step.
std::vector<SimStep> until_last_command(const SimLoader& loader);

/// The first failed case of the job's log; empty: none failed.
std::string first_failure(const SimJob& job);

}  // namespace patchbay::testing
