// SPDX-License-Identifier: Apache-2.0
#include "drivers/storage/disk_use.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <vector>

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// The disk itself, or a partition.
struct Part {
    std::string name;    ///< "sdb1"
    std::string number;  ///< "8:17"
    fs::path folder;     ///< in sysfs
};

std::vector<fs::path> entries_of(const fs::path& folder) {
    std::vector<fs::path> entries;
    std::error_code failed;
    for (fs::directory_iterator each{folder, failed}, end; !failed && each != end; each.increment(failed))
        entries.push_back(each->path());
    std::ranges::sort(entries);
    return entries;
}

std::vector<Part> parts_of(const UsbDisk& disk) {
    std::vector<Part> parts{{disk.usb.name, sysfs_attribute(disk.folder / "dev"), disk.folder}};
    for (const auto& entry : entries_of(disk.folder)) {
        std::error_code none;
        if (fs::exists(entry / "partition", none))
            parts.push_back({entry.filename().string(), sysfs_attribute(entry / "dev"), entry});
    }
    return parts;
}

/// The node's own name for "/dev/disk/by-uuid/…"; empty for what is no node.
std::string node_name(const std::string& source, const fs::path& root) {
    if (!source.starts_with("/dev/")) return {};
    std::error_code failed;
    const auto node = fs::weakly_canonical(root / source.substr(1), failed);
    return failed ? std::string{} : node.filename().string();
}

std::string mount_of(const std::vector<Part>& parts, const fs::path& root) {
    std::ifstream mounts{root / "proc/self/mountinfo"};
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields{line};  // id, parent, major:minor, root, mount point, …, "-", type, source
        std::string id, parent, number, inside, point, word, type, source;
        fields >> id >> parent >> number >> inside >> point;
        while (fields >> word && word != "-") continue;
        fields >> type >> source;
        // btrfs and overlays have numbers of their own, which are no disk's.
        const auto name = node_name(source, root);
        for (const auto& part : parts) {
            if ((!number.empty() && part.number == number) || part.name == name)
                return "mounted at " + point + " (" + part.name + ")";
        }
    }
    return {};
}

std::string swap_of(const std::vector<Part>& parts, const fs::path& root) {
    std::ifstream swaps{root / "proc/swaps"};
    for (std::string line; std::getline(swaps, line);) {
        const auto name = node_name(line.substr(0, line.find_first_of(" \t")), root);
        for (const auto& part : parts) {
            if (part.name == name) return "swap space (" + name + ")";
        }
    }
    return {};
}

std::string holder_of(const std::vector<Part>& parts, const fs::path& root) {
    for (const auto& part : parts) {
        const auto holders = entries_of(part.folder / "holders");
        if (!holders.empty()) return "held by " + holders.front().filename().string() + " (" + part.name + ")";
        // Of a file system on several disks the mounts name only one.
        for (const auto& system : entries_of(root / "sys/fs/btrfs")) {
            std::error_code none;
            if (fs::exists(fs::symlink_status(system / "devices" / part.name, none)))
                return "part of a mounted btrfs (" + part.name + ")";
        }
    }
    return {};
}

}  // namespace

std::string use_of(const UsbDisk& disk, const fs::path& root) {
    const auto parts = parts_of(disk);
    for (const auto use : {mount_of, swap_of, holder_of}) {
        if (auto text = use(parts, root); !text.empty()) return text;
    }
    return {};
}

}  // namespace patchbay
