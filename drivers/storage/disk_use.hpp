// SPDX-License-Identifier: Apache-2.0
#pragma once
// What this machine itself does with a disk. Only files of sysfs and procfs are read; blocks: for a worker.
// Source of facts: proc(5) on mountinfo and swaps, /sys/class/block/*/holders, /sys/fs/btrfs/*/devices.

#include <filesystem>
#include <string>

#include "drivers/storage/disk.hpp"

namespace patchbay {

/// What uses it or a partition of it, to be put behind "is": "mounted at /media/card (sdb1)", "swap space (sdb2)",
/// "held by dm-0 (sdb3)", as with LUKS, LVM and RAID. Empty: nothing that this process sees.
std::string use_of(const UsbDisk& disk, const std::filesystem::path& root);

}  // namespace patchbay
