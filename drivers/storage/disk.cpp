// SPDX-License-Identifier: Apache-2.0
#include "drivers/storage/disk.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>

#include "core/process/file_descriptor.hpp"
#include "core/text.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

std::int64_t number_in(const fs::path& file) { return whole_number(sysfs_attribute(file)).value_or(0); }

/// "8:16"
dev_t device_number(const std::string& text) {
    const auto colon = text.find(':');
    if (colon == std::string::npos) return 0;
    const auto major = whole_number(text.substr(0, colon)), minor = whole_number(text.substr(colon + 1));
    return major && minor ? makedev(static_cast<unsigned>(*major), static_cast<unsigned>(*minor)) : 0;
}

bool is_chance(const std::string& link) {
    return link.starts_with("/dev/sd") || link.starts_with("/dev/sg") || link.starts_with("/dev/mmcblk") ||
           link.starts_with("/dev/nvme");
}

}  // namespace

std::string UsbDisk::text() const { return "disk " + usb.name + " at " + usb.device.text(); }

std::vector<UsbDisk> usb_disks(const fs::path& root) {
    std::vector<UsbDisk> disks;
    for (auto& node : usb_nodes("class/block", root)) {
        std::error_code gone;
        const auto folder = fs::canonical(root / "sys/class/block" / node.name, gone);
        if (gone || fs::exists(folder / "partition", gone)) continue;
        UsbDisk disk;
        disk.folder = folder;
        disk.node = root / "dev" / node.name;
        disk.number = device_number(sysfs_attribute(folder / "dev"));
        disk.size = number_in(folder / "size") * 512;  // sysfs always counts in 512
        disk.usb = std::move(node);
        disks.push_back(std::move(disk));
    }
    return disks;
}

std::string DiskQuery::text() const { return link.empty() ? usb.text() : link.string(); }

DiskQuery read_disk_query(config::MapReader& options) {
    DiskQuery query;
    query.usb = read_usb_identity(options);
    const auto link = read_quoted(options, "link");
    query.link = link;
    if (!link.empty() && !link.starts_with('/'))
        options.problem("link", "must be a whole path, such as /dev/disk/by-id/…");
    if (is_chance(link)) {
        options.problem("link", link +
                                    " is counted anew at each plugging in, and may be another disk then; give a link "
                                    "that udev makes, serial_number or usb_path");
    }
    if (query.empty())
        options.problem("serial_number", "missing: name the one that is meant, by it, by usb_path or by link");
    if (!link.empty() && !query.usb.empty())
        options.problem("link", "names it alone, without usb_path and serial_number");
    return query;
}

std::vector<UsbDisk> find_disks(const DiskQuery& query, const fs::path& root) {
    auto disks = usb_disks(root);
    std::string name;
    if (!query.link.empty()) {
        std::error_code dangling;
        name = fs::canonical(root / query.link.relative_path(), dangling).filename().string();
        if (dangling) return {};
    }
    std::erase_if(disks, [&](const UsbDisk& disk) {
        return query.link.empty() ? !query.usb.fits(disk.usb) : disk.usb.name != name;
    });
    return disks;
}

std::string list_of(const std::vector<UsbDisk>& disks) {
    std::string text;
    for (const auto& disk : disks) {
        text += (text.empty() ? "" : ", ") + disk.text();
        if (!disk.usb.device.serial_number.empty()) text += ", serial_number " + disk.usb.device.serial_number;
    }
    return text.empty() ? "none" : text;
}

MediumLook look_for_medium(const UsbDisk& disk) {
    const FileDescriptor file{::open(disk.node.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file) return {errno == ENOMEDIUM ? Medium::gone : Medium::unknown, errno};
    std::uint64_t size = 0;
    if (::ioctl(file.get(), BLKGETSIZE64, &size) != 0) return {Medium::unknown, errno};
    return {size > 0 ? Medium::there : Medium::gone, 0};
}

}  // namespace patchbay
