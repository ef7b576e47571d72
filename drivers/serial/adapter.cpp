// SPDX-License-Identifier: Apache-2.0
#include "drivers/serial/adapter.hpp"

#include <algorithm>
#include <fstream>

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// One attribute of sysfs; empty when it is absent, also because the device went at this moment.
std::string attribute(const fs::path& file) {
    std::ifstream in{file};
    std::string line;
    std::getline(in, line);
    return line;
}

std::optional<unsigned> number(const std::string& text, int base) {
    if (text.empty() || text.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return std::nullopt;
    return static_cast<unsigned>(std::stoul(text.substr(0, 8), nullptr, base));
}

/// From the port upwards: its number, the interface, the USB device.
void read_usb(SerialAdapter& adapter, fs::path folder, const fs::path& root) {
    for (; folder != root && folder.has_relative_path(); folder = folder.parent_path()) {
        if (!adapter.port_number) adapter.port_number = number(attribute(folder / "port_number"), 10);
        if (!adapter.interface) adapter.interface = number(attribute(folder / "bInterfaceNumber"), 16);
        adapter.vendor = attribute(folder / "idVendor");
        if (adapter.vendor.empty()) continue;
        adapter.usb_path = folder.filename();
        adapter.product = attribute(folder / "idProduct");
        adapter.serial_number = attribute(folder / "serial");
        adapter.manufacturer = attribute(folder / "manufacturer");
        adapter.model = attribute(folder / "product");
        return;
    }
}

std::optional<SerialAdapter> read_adapter(const fs::path& root, const std::string& name) {
    std::error_code gone;
    const auto entry = root / "sys/class/tty" / name;
    // Consoles of the screen and pseudo terminals have no device.
    if (!fs::exists(entry / "device", gone)) return std::nullopt;
    const auto folder = fs::canonical(entry, gone);
    if (gone) return std::nullopt;
    SerialAdapter adapter;
    adapter.name = name;
    read_usb(adapter, folder, fs::canonical(root / "sys", gone));
    return adapter;
}

void add(std::string& text, std::string_view key, const std::string& value) {
    if (!value.empty()) text += (text.empty() ? "" : ", ") + std::string{key} + " " + value;
}

std::string text_of(const std::optional<unsigned>& value) { return value ? std::to_string(*value) : ""; }

}  // namespace

std::string SerialAdapter::text() const {
    if (usb_path.empty()) return "port " + path();
    std::string facts;
    add(facts, "serial number", serial_number);
    add(facts, "usb_path", usb_path);
    if (interface.value_or(0) != 0) add(facts, "interface", text_of(interface));
    if (port_number.value_or(0) != 0) add(facts, "port_number", text_of(port_number));
    auto what = manufacturer;
    if (!model.empty()) what += (what.empty() ? "" : " ") + model;
    if (what.empty()) what = "adapter " + vendor + ":" + product;
    return what + " (" + facts + ")";
}

bool AdapterQuery::fits(const SerialAdapter& adapter) const {
    const auto wanted = [](const auto& asked, const auto& is) { return asked.empty() || asked == is; };
    const auto wanted_number = [](const auto& asked, const auto& is) { return !asked || asked == is; };
    return !adapter.usb_path.empty() && wanted(usb_path, adapter.usb_path) &&
           wanted(serial_number, adapter.serial_number) && wanted(vendor, adapter.vendor) &&
           wanted(product, adapter.product) && wanted_number(interface, adapter.interface) &&
           wanted_number(port_number, adapter.port_number);
}

std::string AdapterQuery::text() const {
    if (!link.empty()) return link.string();
    std::string text;
    add(text, "usb_path", usb_path);
    add(text, "serial_number", serial_number);
    add(text, "vendor", vendor);
    add(text, "product", product);
    add(text, "interface", text_of(interface));
    add(text, "port_number", text_of(port_number));
    return "the adapter with " + text;
}

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
        if (query.fits(adapter)) found.push_back(std::move(adapter));
    }
    return found;
}

}  // namespace patchbay
