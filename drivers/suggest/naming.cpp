// SPDX-License-Identifier: Apache-2.0
#include "drivers/suggest/naming.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "drivers/usb/identity.hpp"

namespace patchbay {
namespace {

std::string group_name(gid_t id) {
    group entry{};
    group* found = nullptr;
    std::array<char, 4096> buffer;
    if (::getgrgid_r(id, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
        return std::to_string(id);
    return entry.gr_name;
}

bool is_the_only_one(const UsbIdentity& identity, const std::vector<UsbDevice>& alike) {
    return std::ranges::count_if(alike, [&](const UsbDevice& each) { return identity.fits(each); }) == 1;
}

/// What makers leave in a chip that they did not number: "0001" (CP2102), "0", "00000000", "1", "12345678"; Realtek's
/// card readers have a date.
bool is_everybodys(const std::string& serial) {
    const auto first = serial.find_first_not_of('0');
    return first == std::string::npos || serial.substr(first) == "1" || serial.starts_with("123456") ||
           serial == "20120501030900000";
}

}  // namespace

std::string text_of(const UsbDevice& device) {
    auto name = device.manufacturer;
    if (!device.product.empty()) name += (name.empty() ? "" : " ") + device.product;
    if (name.empty()) name = "device";
    name += " (" + device.ids();
    if (!device.serial_number.empty()) name += ", serial number " + device.serial_number;
    return name + ", usb_path " + device.path + ")";
}

std::string stable_path(const UsbDevice& device, const std::vector<UsbDevice>& alike) {
    if (device.controller.empty()) return device.path;
    // A controller has one socket twice, for USB 2 and for USB 3.
    const std::string revision = device.speed >= 5000 ? "v3" : "v2";
    for (const auto& form : {std::string{}, revision}) {
        auto path = device.controller + "-usb" + form + "-0:" + device.ports();
        if (is_the_only_one({.usb_path = path}, alike)) return path;
    }
    return device.path;
}

void name_device(Suggestion& suggestion, const UsbDevice& device, const std::vector<UsbDevice>& alike) {
    const auto& serial = device.serial_number;
    const bool means_it = !serial.empty() && !is_everybodys(serial);
    if (means_it && is_the_only_one({.serial_number = serial}, alike)) {
        suggestion.keys.set("serial_number", serial);
        return;
    }
    suggestion.keys.set("usb_path", stable_path(device, alike));
    suggestion.notes.push_back(
        serial.empty() ? "It has no serial number, so this means whatever is plugged in there."
        : !means_it    ? "Many have the serial number " + serial + ", so this means whatever is plugged in there."
                       : "Another one has the same serial number, so this means whatever is plugged in there.");
}

void name_node(Suggestion& suggestion, const UsbNode& node, const std::vector<UsbNode>& all) {
    std::vector<UsbDevice> devices;
    bool several = false, several_in_interface = false;
    for (const auto& each : all) {
        if (std::ranges::find(devices, each.device.path, &UsbDevice::path) == devices.end())
            devices.push_back(each.device);
        if (each.device.path != node.device.path || each.name == node.name) continue;
        (each.interface == node.interface ? several_in_interface : several) = true;
    }
    name_device(suggestion, node.device, devices);
    if (several) suggestion.keys.set("interface", static_cast<int>(node.interface));
    if (several_in_interface && node.port_number)
        suggestion.keys.set("port_number", static_cast<int>(*node.port_number));
}

void note_access(Suggestion& suggestion, const std::filesystem::path& node) {
    if (::faccessat(AT_FDCWD, node.c_str(), R_OK | W_OK, AT_EACCESS) == 0) return;
    const int error = errno;
    auto note = node.string() + ": " + std::generic_category().message(error);
    struct stat facts {};
    if ((error == EACCES || error == EPERM) && ::stat(node.c_str(), &facts) == 0) {
        const bool has_group = facts.st_gid != 0 && (facts.st_mode & (S_IRGRP | S_IWGRP)) == (S_IRGRP | S_IWGRP);
        note += has_group ? "; the runner's user must be in the group " + group_name(facts.st_gid)
                          : "; only root may use it: install Patchbay's udev rules (60-patchbay.rules), and plug it in "
                            "again or run 'udevadm trigger'";
    }
    suggestion.notes.push_back(std::move(note));
}

}  // namespace patchbay
