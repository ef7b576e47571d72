// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whole disks that USB devices give, and whether there is a medium in them. Opening for reading is the worst that
// happens here; drivers/storage/disk_writer.hpp writes. Blocks: for a worker. Source of facts: /sys/class/block
// (Documentation/ABI/stable/sysfs-block of the kernel), drivers/usb/sysfs.hpp.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "drivers/usb/identity.hpp"

namespace patchbay {

struct UsbDisk {
    UsbNode usb;                   ///< its name, "sdb", and the device that gives it
    std::filesystem::path folder;  ///< in sysfs
    std::filesystem::path node;    ///< /dev/sdb
    dev_t number = 0;              ///< of the node
    std::int64_t size = 0;         ///< bytes, as the kernel knew it last; 0 without a medium

    /// "disk sdb at 1-1.4 (0781:5567 Cruzer)"
    std::string text() const;
    /// The very same one, and not another that got its name.
    bool is(const UsbDisk& other) const { return number == other.number && folder == other.folder; }
};

/// No partitions. In the order of places.
std::vector<UsbDisk> usb_disks(const std::filesystem::path& root);

/// What a device's file says of a disk: a link, or properties of the USB device.
struct DiskQuery {
    std::filesystem::path link;  ///< "/dev/disk/by-id/…"
    UsbIdentity usb;

    bool empty() const { return link.empty() && usb.empty(); }
    std::string text() const;
};

/// Reads usb_path, serial_number and link: link alone, or one or both of the others. Required: a disk that nobody named
/// is never written to.
DiskQuery read_disk_query(config::MapReader& options);

/// Those that fit.
std::vector<UsbDisk> find_disks(const DiskQuery& query, const std::filesystem::path& root);

/// "disk sdb at …, disk sdc at …"; "none".
std::string list_of(const std::vector<UsbDisk>& disks);

enum class Medium {
    there,
    gone,    ///< a reader without a card
    unknown  ///< it could not be looked at
};
struct MediumLook {
    Medium medium = Medium::unknown;
    int error = 0;  ///< errno: why it is unknown
};
/// Looks now: opening makes the kernel ask the device.
MediumLook look_for_medium(const UsbDisk& disk);

}  // namespace patchbay
