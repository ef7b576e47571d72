// SPDX-License-Identifier: Apache-2.0
#include "drivers/serial/adapter.hpp"

#include <algorithm>

namespace patchbay {
namespace {

namespace fs = std::filesystem;

std::optional<SerialAdapter> read_adapter(const fs::path& root, const std::string& name) {
    std::error_code gone;
    const auto entry = root / "sys/class/tty" / name;
    // Consoles of the screen and pseudo terminals have no device.
    if (!fs::exists(entry / "device", gone)) return std::nullopt;
    return SerialAdapter{name, usb_node(entry, root)};
}

void add(std::string& text, std::string_view key, const std::string& value) {
    if (!value.empty()) text += (text.empty() ? "" : ", ") + std::string{key} + " " + value;
}

}  // namespace

std::string SerialAdapter::text() const {
    if (!usb) return "port " + path();
    const auto& device = usb->device;
    std::string facts;
    add(facts, "serial number", device.serial_number);
    add(facts, "usb_path", device.path);
    if (usb->interface != 0) add(facts, "interface", std::to_string(usb->interface));
    if (usb->port_number.value_or(0) != 0) add(facts, "port_number", std::to_string(*usb->port_number));
    auto what = device.manufacturer;
    if (!device.product.empty()) what += (what.empty() ? "" : " ") + device.product;
    if (what.empty()) what = "adapter " + device.ids();
    return what + " (" + facts + ")";
}

std::string AdapterQuery::text() const { return link.empty() ? "the adapter with " + usb.text() : link.string(); }

std::vector<SerialAdapter> list_serial_adapters(const fs::path& root) {
    std::vector<SerialAdapter> all;
    std::error_code none;
    for (fs::directory_iterator at{root / "sys/class/tty", none}, end; !none && at != end; at.increment(none)) {
        if (auto adapter = read_adapter(root, at->path().filename())) all.push_back(std::move(*adapter));
    }
    std::ranges::sort(all, {}, &SerialAdapter::name);
    return all;
}

std::vector<SerialAdapter> find_serial_adapters(const AdapterQuery& query, const fs::path& root) {
    std::vector<SerialAdapter> found;
    if (!query.link.empty()) {
        std::error_code dangling;
        const auto port = fs::canonical(root / query.link.relative_path(), dangling);
        if (dangling) return found;
        if (auto adapter = read_adapter(root, port.filename())) found.push_back(std::move(*adapter));
        return found;
    }
    for (auto& adapter : list_serial_adapters(root)) {
        if (adapter.usb && query.usb.fits(*adapter.usb)) found.push_back(std::move(adapter));
    }
    return found;
}

std::string serial_place(const std::string& name, const fs::path& root) {
    std::error_code gone;
    auto place = fs::canonical(root / "sys/class/tty" / name / "device", gone);
    if (gone) return {};
    // Between a port and its interface the drivers of usb-serial have a folder with the port's number.
    return (place.filename() == name ? place.parent_path() : place).string();
}

std::set<std::string> serial_places(const fs::path& root) {
    std::set<std::string> places;
    std::error_code none;
    for (fs::directory_iterator at{root / "sys/class/tty", none}, end; !none && at != end; at.increment(none)) {
        if (auto place = serial_place(at->path().filename(), root); !place.empty()) places.insert(std::move(place));
    }
    return places;
}

}  // namespace patchbay
