// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the placeholders of boot commands stand for in this job.

#include <optional>
#include <string>
#include <vector>

#include "jobs/actions/job_context.hpp"
#include "jobs/bootloader/boot_commands.hpp"

namespace patchbay {

/// Where the loader puts things in memory: the device's `parameters` of the boot command.
struct LoadAddresses {
    std::string kernel, ramdisk, dtb, tee;
};

struct JobBootValues {
    BootValues values;
    std::optional<LoadAddresses> addresses;  ///< nothing: the job names no type of its kernel
    std::size_t overlays = 0;                ///< of the device tree: {DTBO0}, {DTBO1}, ...
};

/// `lava_mac`: of the boot method; empty: it has none, and that of the device's Network is taken.
/// Throws: ConfigurationError, the device has no addresses for the boot command; as host_address().
JobBootValues boot_values(const JobContext& job, const ActionBlock& block, const std::string& lava_mac);

/// Placeholders that only a kernel's type gives a value, and that stand in these commands although there is no type.
std::vector<std::string> missing_kernel_type(const std::vector<std::string>& commands);

}  // namespace patchbay
