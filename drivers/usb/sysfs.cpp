// SPDX-License-Identifier: Apache-2.0
#include "drivers/usb/sysfs.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <tuple>

#include "core/errors.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// The first line of an attribute; empty when it is missing, as a serial number is.
std::string attribute(const fs::path& file) {
    std::ifstream stream{file};
    std::string line;
    std::getline(stream, line);
    return line;
}

unsigned number(const std::string& text, int base) {
    unsigned value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, base);
    return value;
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "1-1.4"
bool is_plugged_path(std::string_view name) {
    const auto dash = name.find('-');
    if (dash == std::string_view::npos || !is_digits(name.substr(0, dash))) return false;
    const auto ports = name.substr(dash + 1);
    return !ports.empty() && ports.find_first_not_of("0123456789.") == std::string_view::npos && ports != "0";
}

bool is_device_name(std::string_view name) {
    return is_plugged_path(name) || (name.starts_with("usb") && is_digits(name.substr(3)));
}

/// "1.4" of "1-1.4"; "0" of a root hub, as udev writes it.
std::string ports_of(const std::string& path) {
    const auto dash = path.find('-');
    return dash == std::string::npos ? "0" : path.substr(dash + 1);
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

/// "1a86:7523"
std::string ids_of(const UsbDevice& device) {
    char text[16];
    std::snprintf(text, sizeof text, "%04x:%04x", device.vendor_id & 0xffffU, device.product_id & 0xffffU);
    return text;
}

UsbDevice read_device(const fs::path& folder, const fs::path& root) {
    UsbDevice device;
    device.path = folder.filename().string();
    device.folder = folder;
    device.controller = controller_of(folder);
    device.serial_number = attribute(folder / "serial");
    device.product = attribute(folder / "product");
    device.vendor_id = number(attribute(folder / "idVendor"), 16);
    device.product_id = number(attribute(folder / "idProduct"), 16);
    device.device_class = number(attribute(folder / "bDeviceClass"), 16);
    device.speed = number(attribute(folder / "speed"), 10);
    char node[32];
    std::snprintf(node, sizeof node, "%03u/%03u", number(attribute(folder / "busnum"), 10),
                  number(attribute(folder / "devnum"), 10));
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
std::optional<int> interface_number(const std::string& name, const std::string& device) {
    if (!name.starts_with(device + ":")) return std::nullopt;
    const auto dot = name.rfind('.');
    return static_cast<int>(number(name.substr(dot + 1), 10));
}

template <class T, class TextOf>
std::string listed(const std::vector<T>& all, TextOf text_of) {
    std::string text;
    for (const auto& each : all) text += (text.empty() ? "" : ", ") + text_of(each);
    return text.empty() ? "none" : text;
}

std::string text_of_node(const UsbNode& node) {
    const auto& serial = node.device.serial_number;
    return node.name + " at " + node.device.text() + (serial.empty() ? "" : ", serial_number " + serial) +
           ", interface " + std::to_string(node.interface);
}

std::string text_of_device(const UsbDevice& device) {
    return device.text() + (device.serial_number.empty() ? "" : ", serial_number " + device.serial_number);
}

template <class T, class TextOf>
const T& only(const std::vector<T>& found, const UsbIdentity& wanted, const std::string& what, TextOf text_of) {
    std::vector<T> fitting;
    const T* first = nullptr;
    for (const auto& each : found) {
        if (!wanted.fits(each)) continue;
        if (first == nullptr) first = &each;
        fitting.push_back(each);
    }
    if (fitting.empty()) {
        throw InfrastructureError{
            what + (wanted.empty() ? "" : " with " + wanted.text()) +
            " is not there: is it plugged in, and has it power? Attached are: " + listed(found, text_of)};
    }
    if (fitting.size() > 1) {
        throw InfrastructureError{what + " could be any of these, so none is touched: " + listed(fitting, text_of) +
                                  "; write usb_path into the device's description"};
    }
    return *first;
}

}  // namespace

std::string UsbDevice::text() const {
    return path + " (" + ids_of(*this) + (product.empty() ? "" : " " + product) + ")";
}

std::vector<UsbDevice> usb_devices(const fs::path& root) {
    std::vector<UsbDevice> devices;
    for (const auto& [name, folder] : links_in(root / "sys/bus/usb/devices")) {
        if (is_device_name(name)) devices.push_back(read_device(folder, root));
    }
    std::ranges::sort(devices, {}, &UsbDevice::path);
    return devices;
}

std::vector<UsbNode> usb_nodes(const std::string& listing, const fs::path& root) {
    std::vector<UsbNode> nodes;
    for (const auto& [name, target] : links_in(root / "sys" / listing)) {
        std::string below;  // the name one step further down
        for (auto folder = target; folder.has_relative_path(); folder = folder.parent_path()) {
            const auto here = folder.filename().string();
            if (is_plugged_path(here)) {
                nodes.push_back({name, interface_number(below, here).value_or(0), read_device(folder, root)});
                break;
            }
            below = here;
        }
    }
    std::ranges::sort(nodes, {}, [](const UsbNode& node) {
        return std::tuple{node.device.path, node.interface, node.name};
    });
    return nodes;
}

bool UsbIdentity::fits(const UsbDevice& device) const {
    if (!serial_number.empty() && device.serial_number != serial_number) return false;
    if (usb_path.empty()) return true;
    constexpr std::string_view mark = "-usb-0:";
    const auto at = usb_path.find(mark);
    if (at == std::string::npos) return device.path == usb_path.substr(0, usb_path.find(':'));
    const auto ports = usb_path.substr(at + mark.size());
    return !device.controller.empty() && usb_path.substr(0, at).ends_with(device.controller) &&
           ports.substr(0, ports.find(':')) == ports_of(device.path);
}

bool UsbIdentity::fits(const UsbNode& node) const {
    return fits(node.device) && (!interface || *interface == node.interface);
}

std::string UsbIdentity::text() const {
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    if (!usb_path.empty()) add("usb_path " + usb_path);
    if (!serial_number.empty()) add("serial_number " + serial_number);
    if (interface) add("interface " + std::to_string(*interface));
    return text;
}

UsbIdentity read_usb_identity(config::MapReader& options, UsbInterfaceKey with_interface) {
    UsbIdentity identity;
    identity.usb_path = options.value_or<std::string>("usb_path", "");
    identity.serial_number = options.value_or<std::string>("serial_number", "");
    if (with_interface == UsbInterfaceKey::yes) identity.interface = options.maybe<int>("interface");
    return identity;
}

const UsbDevice& only_usb_device(const std::vector<UsbDevice>& found, const UsbIdentity& wanted,
                                 const std::string& what) {
    return only(found, wanted, what, text_of_device);
}

const UsbNode& only_usb_node(const std::vector<UsbNode>& found, const UsbIdentity& wanted, const std::string& what) {
    return only(found, wanted, what, text_of_node);
}

}  // namespace patchbay
