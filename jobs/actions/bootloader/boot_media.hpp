// SPDX-License-Identifier: Apache-2.0
#pragma once
// A boot from a medium that an earlier deploy has written: `commands: sata`, of a device with such media
// (lava_dispatcher, BootloaderSecondaryMedia). The files are paths inside the image there.

#include <optional>
#include <string>
#include <vector>

#include "jobs/actions/job_context.hpp"

namespace patchbay {

struct BootMedia {
    std::string kernel, ramdisk, dtb;
    std::string root;          ///< UUID of the root file system
    std::string root_part;     ///< "0:1": device and partition with the kernel
    std::string boot_command;  ///< for U-Boot: booti, bootm, bootz
};

/// Does the block boot from one?
bool boots_from_media(const JobContext& job, const ActionBlock& block);
/// What is missing in the block for that.
std::vector<std::string> media_problems(const ActionBlock& block);
/// Throws: JobError, no deploy has written to such a medium of the device.
BootMedia boot_media(const JobContext& job, const ActionBlock& block);

/// U-Boot's command for a kernel of this type (image, zimage, uimage) on a device that knows those addresses; empty
/// when there is no such type.
std::string boot_command_of(std::string_view kernel_type, const config::Map& device_parameters);

}  // namespace patchbay
