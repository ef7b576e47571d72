// SPDX-License-Identifier: Apache-2.0
// SD multiplexers and USB disks.

#include <algorithm>
#include <tuple>

#include "drivers/storage/disk.hpp"
#include "drivers/storage/disk_use.hpp"
#include "drivers/storage/media.hpp"
#include "drivers/suggest/naming.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

std::string size_of(const UsbDisk& disk) {
    if (disk.size == 0) return ", no medium";
    const auto megabytes = disk.size / 1'000'000;
    return megabytes < 10'000 ? ", " + std::to_string(megabytes) + " MB"
                              : ", " + std::to_string(megabytes / 1000) + " GB";
}

void add_sd_muxes(std::vector<Suggestion>& found, const fs::path& root) {
    auto nodes = usb_nodes("class/scsi_generic", root);
    std::erase_if(nodes, [](const UsbNode& node) { return !is_usb_sd_mux(node.device); });
    for (const auto& node : nodes) {
        Suggestion one;
        one.what = text_of(node.device) + ", now /dev/" + node.name;
        one.capability = "storage";
        one.keys = {{"driver", "usb-sd-mux"}};
        name_node(one, node, nodes);
        note_access(one, root / "dev" / node.name);
        found.push_back(std::move(one));
    }
}

void add_sd_wires(std::vector<Suggestion>& found, const fs::path& root) {
    const auto devices = usb_devices(root);
    auto chips = devices;
    std::erase_if(chips, [](const UsbDevice& device) { return !is_sd_wire(device) && !is_sd_wire_3(device); });
    for (const auto& chip : chips) {
        Suggestion one;
        one.what = (is_sd_wire_3(chip) ? "perhaps an SDWire3: " : "") + text_of(chip);
        one.capability = "storage";
        one.keys = {{"driver", "sdwire"}};
        name_device(one, chip, chips);
        if (is_sd_wire_3(chip)) {
            one.notes.emplace_back(
                "Ordinary card readers say the same of themselves: look at it. If it is one, take the entry of its "
                "disk "
                "instead.");
            one.notes.emplace_back("The runner's user needs a rule of the lab's own for it: docs/drivers/sdwire.md.");
            found.push_back(std::move(one));
            continue;
        }
        if (!sd_wire_hub(chip, devices)) {
            one.notes.emplace_back(
                "It is on no hub of an SDWire (0424:2640), so its card reader is not known: add 'disk: {usb_path: "
                "…}'.");
        }
        note_access(one, chip.node);
        found.push_back(std::move(one));
    }
}

/// The readers of multiplexers are theirs, and not disks to be named alone.
bool belongs_to_a_mux(const UsbDisk& disk, const std::vector<UsbDevice>& devices) {
    return is_usb_sd_mux(disk.usb.device) || std::ranges::any_of(devices, [&](const UsbDevice& device) {
               const auto* hub = is_sd_wire(device) ? sd_wire_hub(device, devices) : nullptr;
               return hub != nullptr && usb_hub_of(disk.usb.device.path) == hub->path;
           });
}

void add_disks(std::vector<Suggestion>& found, const fs::path& root) {
    const auto devices = usb_devices(root);
    auto disks = usb_disks(root);
    std::erase_if(disks, [&](const UsbDisk& disk) { return belongs_to_a_mux(disk, devices); });
    std::vector<UsbDevice> givers;
    for (const auto& disk : disks) givers.push_back(disk.usb.device);
    for (const auto& disk : disks) {
        Suggestion one;
        one.what = text_of(disk.usb.device) + size_of(disk) + ", now " + disk.node.string();
        const auto use = use_of(disk, root);
        if (!use.empty()) {
            one.notes.push_back("It is " + use + ", so this machine needs it: no board should write to it.");
            found.push_back(std::move(one));
            continue;
        }
        if (std::ranges::count(givers, disk.usb.device.path, &UsbDevice::path) > 1) {
            one.notes.emplace_back("Its device has several disks; name it by a link of /dev/disk/by-id: 'link: …'.");
            found.push_back(std::move(one));
            continue;
        }
        one.capability = "storage";
        one.keys = {{"driver", "usb-storage"}};
        name_device(one, disk.usb.device, givers);
        if (one.keys.contains("usb_path") && disk.size > 0) {
            one.keys.set("max_size", disk.size);
            one.notes.emplace_back("max_size is what this one has: a larger disk in its place is refused.");
        }
        one.notes.emplace_back("Whoever has a lease of the device may overwrite all of it.");
        note_access(one, disk.node);
        found.push_back(std::move(one));
    }
}

}  // namespace

std::vector<Suggestion> suggest_media(const fs::path& root) {
    std::vector<Suggestion> found;
    add_sd_muxes(found, root);
    add_sd_wires(found, root);
    add_disks(found, root);
    return found;
}

}  // namespace patchbay
