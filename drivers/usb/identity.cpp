// SPDX-License-Identifier: Apache-2.0
#include "drivers/usb/identity.hpp"

#include <algorithm>
#include <charconv>

#include "core/errors.hpp"
#include "core/text.hpp"

namespace patchbay {
namespace {

bool all_of(std::string_view text, std::string_view alphabet) {
    return !text.empty() && text.find_first_not_of(alphabet) == std::string_view::npos;
}

bool is_number(std::string_view text) { return all_of(text, "0123456789"); }

/// A usb_path, taken apart.
struct Place {
    std::string_view controller;  ///< of udev's form; empty in the kernel's
    char revision = 0;            ///< '2' or '3' where udev's form says it ("-usbv2-0:")
    std::string_view device;      ///< "1-1.4" or "usb1" in the kernel's form, "1.4" in udev's
    std::optional<unsigned> interface;
};

/// "1.4:1.0" loses its end.
void split_interface(Place& place, std::string_view text) {
    const auto colon = text.find(':');
    place.device = text.substr(0, colon);
    if (colon == std::string_view::npos) return;
    const auto digits = text.substr(std::min(text.rfind('.') + 1, text.size()));
    unsigned number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    place.interface = number;
}

Place place_of(std::string_view path) {
    Place place;
    constexpr std::string_view mark = "-usb";
    const auto at = path.rfind(mark);
    if (at == std::string_view::npos) {
        split_interface(place, path);
        return place;
    }
    place.controller = path.substr(0, at);
    auto rest = path.substr(at + mark.size());
    if (rest.size() > 2 && rest.starts_with('v')) {
        place.revision = rest[1];
        rest.remove_prefix(2);
    }
    constexpr std::string_view bus = "-0:";
    if (rest.starts_with(bus)) split_interface(place, rest.substr(bus.size()));
    return place;
}

/// "1.4": the number of a port for each hub on the way.
bool are_ports(std::string_view ports) {
    for (auto dot = ports.find('.'); dot != std::string_view::npos; dot = ports.find('.')) {
        if (!is_number(ports.substr(0, dot))) return false;
        ports.remove_prefix(dot + 1);
    }
    return is_number(ports);
}

/// ":1.0" at the end, or nothing.
bool is_interface_or_nothing(std::string_view text) {
    if (text.empty()) return true;
    const auto dot = text.find('.');
    return text[0] == ':' && dot != std::string_view::npos && is_number(text.substr(1, dot - 1)) &&
           is_number(text.substr(dot + 1));
}

bool is_usb_path(std::string_view path, UsbRootHubs root_hubs) {
    if (root_hubs == UsbRootHubs::yes && path.starts_with("usb") && is_number(path.substr(3))) return true;
    const auto place = place_of(path);
    if (place.device.empty()) return false;
    const auto end = static_cast<std::size_t>(place.device.data() + place.device.size() - path.data());
    if (!is_interface_or_nothing(path.substr(end))) return false;
    if (!place.controller.empty()) return are_ports(place.device);
    const auto dash = place.device.find('-');
    return dash != std::string_view::npos && is_number(place.device.substr(0, dash)) &&
           are_ports(place.device.substr(dash + 1));
}

bool fits_place(const std::string& usb_path, const UsbDevice& device) {
    const auto place = place_of(usb_path);
    if (place.controller.empty()) return device.path == place.device;
    if (place.revision == '2' && device.speed >= 5000) return false;
    if (place.revision == '3' && device.speed < 5000) return false;
    return !device.controller.empty() && place.controller.ends_with(device.controller) &&
           place.device == device.ports();
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
const T& only(const std::vector<T>& found, const UsbIdentity& wanted, const std::string& what, const std::string& part,
              TextOf text_of) {
    std::vector<T> fitting;
    const T* first = nullptr;
    for (const auto& each : found) {
        if (!wanted.fits(each)) continue;
        if (first == nullptr) first = &each;
        fitting.push_back(each);
    }
    if (fitting.empty()) {
        throw InfrastructureError{
            wanted.name(what) + part +
            " is not there: is it plugged in, and has it power? Attached are: " + listed(found, text_of)};
    }
    if (fitting.size() > 1) {
        throw InfrastructureError{what + part + " could be any of these, so none is touched: " +
                                  listed(fitting, text_of) + "; write usb_path into the device's description"};
    }
    return *first;
}

}  // namespace

bool UsbIdentity::fits(const UsbDevice& device) const {
    const auto ids = device.ids();
    return (serial_number.empty() || device.serial_number == serial_number) &&
           (vendor.empty() || ids.starts_with(vendor)) && (product.empty() || ids.ends_with(product)) &&
           (usb_path.empty() || fits_place(usb_path, device));
}

bool UsbIdentity::fits(const UsbNode& node) const {
    const auto at_end = place_of(usb_path).interface;
    return fits(node.device) && (!interface || *interface == node.interface) &&
           (!at_end || *at_end == node.interface) && (!port_number || port_number == node.port_number);
}

std::string UsbIdentity::text() const {
    std::string text;
    const auto add = [&](std::string_view key, const std::string& value) {
        if (!value.empty()) text += (text.empty() ? "" : ", ") + std::string{key} + " " + value;
    };
    const auto text_of = [](const std::optional<unsigned>& number) { return number ? std::to_string(*number) : ""; };
    add("usb_path", usb_path);
    add("serial_number", serial_number);
    add("vendor", vendor);
    add("product", product);
    add("interface", text_of(interface));
    add("port_number", text_of(port_number));
    return text;
}

std::string UsbIdentity::name(const std::string& what) const { return what + (empty() ? "" : " with " + text()); }

std::string read_quoted(config::MapReader& options, std::string_view key) {
    const auto* value = options.raw(key);
    if (value == nullptr || value->is_null()) return {};
    if (!value->is_string()) {
        options.problem(key, "YAML takes this for a number or a date: put it into quotes");
        return {};
    }
    return *value->as_string();
}

std::string read_usb_id(config::MapReader& options, std::string_view key) {
    const auto id = lower_case(read_quoted(options, key));
    if (!id.empty() && (id.size() != 4 || !all_of(id, "0123456789abcdef")))
        options.problem(key, "must be four hexadecimal digits in quotes, as lsusb prints them: \"0403\"");
    return id;
}

std::string read_usb_path(config::MapReader& options, std::string_view key, UsbRootHubs root_hubs) {
    auto path = read_quoted(options, key);
    if (!path.empty() && !is_usb_path(path, root_hubs)) {
        options.problem(key,
                        "is no USB path: write the device's name under /sys/bus/usb/devices, such as 1-1.4, or what "
                        "udevadm info shows as ID_PATH, such as pci-0000:00:14.0-usb-0:1.4");
    }
    return path;
}

UsbIdentity read_usb_identity(config::MapReader& options, UsbInterfaceKey with_interface, UsbRootHubs root_hubs) {
    UsbIdentity identity;
    identity.usb_path = read_usb_path(options, "usb_path", root_hubs);
    identity.serial_number = read_quoted(options, "serial_number");
    if (with_interface == UsbInterfaceKey::yes) identity.interface = options.maybe<unsigned>("interface");
    return identity;
}

const UsbDevice& only_usb_device(const std::vector<UsbDevice>& found, const UsbIdentity& wanted,
                                 const std::string& what, const std::string& part) {
    return only(found, wanted, what, part, text_of_device);
}

const UsbNode& only_usb_node(const std::vector<UsbNode>& found, const UsbIdentity& wanted, const std::string& what,
                             const std::string& part) {
    return only(found, wanted, what, part, text_of_node);
}

}  // namespace patchbay
