// SPDX-License-Identifier: Apache-2.0
#include "core/usb/sysfs.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <tuple>

namespace patchbay {
namespace {

namespace fs = std::filesystem;

unsigned number(const std::string& text, int base) {
    unsigned value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, base);
    return value;
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "1-1.4". Others name their devices so too: "1-0050" is a chip on an I2C bus.
bool is_plugged_path(std::string_view name) {
    const auto dash = name.find('-');
    if (dash == std::string_view::npos || !is_digits(name.substr(0, dash))) return false;
    const auto ports = name.substr(dash + 1);
    return !ports.empty() && ports.find_first_not_of("0123456789.") == std::string_view::npos && ports != "0";
}

bool is_device_name(std::string_view name) {
    return is_plugged_path(name) || (name.starts_with("usb") && is_digits(name.substr(3)));
}

/// What udev's path_id says of the parent of the root hub that `folder` is below. Other buses than PCI and the
/// platform's own have no name here; their devices are found by the kernel's path.
std::string controller_of(const fs::path& folder) {
    for (auto parent = folder; parent.has_relative_path(); parent = parent.parent_path()) {
        const auto name = parent.filename().string();
        if (!name.starts_with("usb") || !is_device_name(name)) continue;
        const auto above = parent.parent_path();
        std::error_code failed;
        const auto subsystem = fs::read_symlink(above / "subsystem", failed).filename().string();
        if (subsystem == "pci" || subsystem == "platform") return subsystem + "-" + above.filename().string();
        return "";
    }
    return "";
}

UsbDevice read_device(const fs::path& folder, const fs::path& root) {
    UsbDevice device;
    device.path = folder.filename().string();
    device.folder = folder;
    device.controller = controller_of(folder);
    device.serial_number = sysfs_attribute(folder / "serial");
    device.manufacturer = sysfs_attribute(folder / "manufacturer");
    device.product = sysfs_attribute(folder / "product");
    device.vendor_id = number(sysfs_attribute(folder / "idVendor"), 16);
    device.product_id = number(sysfs_attribute(folder / "idProduct"), 16);
    device.device_class = number(sysfs_attribute(folder / "bDeviceClass"), 16);
    device.speed = number(sysfs_attribute(folder / "speed"), 10);
    char node[32];
    std::snprintf(node, sizeof node, "%03u/%03u", number(sysfs_attribute(folder / "busnum"), 10),
                  number(sysfs_attribute(folder / "devnum"), 10));
    device.node = root / "dev/bus/usb" / node;
    return device;
}

/// The names in a folder of links, each with where it leads to. A device may go while they are read.
std::vector<std::pair<std::string, fs::path>> links_in(const fs::path& folder) {
    std::vector<std::pair<std::string, fs::path>> links;
    std::error_code failed;
    for (fs::directory_iterator each{folder, failed}, end; !failed && each != end; each.increment(failed)) {
        std::error_code gone;
        auto target = fs::canonical(each->path(), gone);
        if (!gone) links.emplace_back(each->path().filename().string(), std::move(target));
    }
    return links;
}

/// "1-1.4:1.2" is interface 2.
std::optional<unsigned> interface_number(const std::string& name, const std::string& device) {
    if (!name.starts_with(device + ":")) return std::nullopt;
    const auto dot = name.rfind('.');
    return number(name.substr(dot + 1), 10);
}

}  // namespace

std::string sysfs_attribute(const fs::path& file) {
    std::ifstream stream{file};
    std::string line;
    std::getline(stream, line);
    return line;
}

std::string UsbDevice::ids() const {
    char text[16];
    std::snprintf(text, sizeof text, "%04x:%04x", vendor_id & 0xffffU, product_id & 0xffffU);
    return text;
}

std::string UsbDevice::ports() const {
    const auto dash = path.find('-');
    return dash == std::string::npos ? "0" : path.substr(dash + 1);
}

std::string UsbDevice::text() const { return path + " (" + ids() + (product.empty() ? "" : " " + product) + ")"; }

std::vector<UsbDevice> usb_devices(const fs::path& root) {
    std::vector<UsbDevice> devices;
    for (const auto& [name, folder] : links_in(root / "sys/bus/usb/devices")) {
        if (is_device_name(name)) devices.push_back(read_device(folder, root));
    }
    std::ranges::sort(devices, {}, &UsbDevice::path);
    return devices;
}

std::optional<UsbNode> usb_node(const fs::path& entry, const fs::path& root) {
    std::error_code gone;
    const auto target = fs::canonical(entry, gone);
    if (gone) return std::nullopt;
    std::string below;  // the name one step further down
    std::string port;
    for (auto folder = target; folder.has_relative_path(); folder = folder.parent_path()) {
        const auto here = folder.filename().string();
        if (is_plugged_path(here) && fs::exists(folder / "idVendor", gone)) {
            UsbNode node{entry.filename().string(), interface_number(below, here).value_or(0),
                         read_device(folder, root)};
            if (!port.empty()) node.port_number = number(port, 10);
            return node;
        }
        if (port.empty()) port = sysfs_attribute(folder / "port_number");
        below = here;
    }
    return std::nullopt;
}

std::vector<UsbNode> usb_nodes(const std::string& listing, const fs::path& root) {
    std::vector<UsbNode> nodes;
    std::error_code failed;
    for (fs::directory_iterator each{root / "sys" / listing, failed}, end; !failed && each != end;
         each.increment(failed)) {
        if (auto node = usb_node(each->path(), root)) nodes.push_back(std::move(*node));
    }
    std::ranges::sort(nodes, {}, [](const UsbNode& node) {
        return std::tuple{node.device.path, node.interface, node.port_number, node.name};
    });
    return nodes;
}

}  // namespace patchbay
