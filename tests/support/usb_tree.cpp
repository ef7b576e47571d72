// SPDX-License-Identifier: Apache-2.0
#include "tests/support/usb_tree.hpp"

#include <cstdio>
#include <fstream>

#include "core/whole_file.hpp"

namespace patchbay::testing {
namespace {

namespace fs = std::filesystem;

constexpr auto controller = "sys/devices/pci0000:00/0000:00:14.0";

/// What a node of /dev/bus/usb can be read for: a device with one interface, which has two interrupt endpoints.
const std::string descriptors{
    "\x12\x01\x00\x02\x00\x00\x00\x08\xc0\x16\xdf\x05\x00\x01\x00\x00\x00\x01"
    "\x09\x02\x20\x00\x01\x01\x00\x80\x32"
    "\x09\x04\x00\x00\x02\x03\x00\x00\x00"
    "\x07\x05\x81\x03\x08\x00\x14"
    "\x07\x05\x02\x03\x08\x00\x14",
    18 + 32};

void link(const fs::path& target, const fs::path& name) {
    fs::create_directories(name.parent_path());
    fs::remove(name);
    fs::create_symlink(fs::relative(target, name.parent_path()), name);
}

void write(const fs::path& file, const std::string& line) { std::ofstream{file} << line << '\n'; }

}  // namespace

UsbTree::UsbTree(fs::path folder) : root{std::move(folder)} {
    fs::create_directories(root / "sys/bus/pci");
    fs::create_directories(root / controller);
    link(root / "sys/bus/pci", root / controller / "subsystem");
    plug("usb1", {"1d6b", "0002", "xHCI Host Controller", "0000:00:14.0", "09"});
    plug("usb2", {"1d6b", "0003", "xHCI Host Controller", "0000:00:14.0", "09"});
}

fs::path UsbTree::folder(const std::string& path) const {
    if (path.starts_with("usb")) return root / controller / path;
    auto folder = root / controller / ("usb" + path.substr(0, path.find('-')));
    for (auto dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1))
        folder /= path.substr(0, dot);
    return folder / path;
}

fs::path UsbTree::interface_folder(const std::string& path, int interface) const {
    const auto name = path.starts_with("usb") ? path.substr(3) + "-0" : path;
    return folder(path) / (name + ":1." + std::to_string(interface));
}

fs::path UsbTree::plug(const std::string& path, const Identity& identity) {
    const auto at = folder(path);
    fs::create_directories(at);
    write(at / "idVendor", identity.vendor);
    write(at / "idProduct", identity.product);
    write(at / "bDeviceClass", identity.device_class);
    if (!identity.name.empty()) write(at / "product", identity.name);
    if (!identity.serial.empty()) write(at / "serial", identity.serial);
    write(at / "busnum", path.starts_with("usb") ? path.substr(3) : path.substr(0, path.find('-')));
    write(at / "devnum", std::to_string(++plugged_));
    link(at, root / "sys/bus/usb/devices" / path);
    const auto node = device_node(path);
    fs::create_directories(node.parent_path());
    std::ofstream{node, std::ios::binary} << descriptors;
    return at;
}

void UsbTree::unplug(const std::string& path) {
    fs::remove(device_node(path));
    fs::remove(root / "sys/bus/usb/devices" / path);
    fs::remove_all(folder(path));
}

void UsbTree::node(const std::string& listing, const std::string& path, int interface, const std::string& below) {
    const auto at = interface_folder(path, interface) / below;
    fs::create_directories(at);
    link(at, root / "sys" / listing / at.filename());
}

fs::path UsbTree::port(const std::string& hub, int number) {
    const auto at = interface_folder(hub, 0) / (hub + "-port" + std::to_string(number));
    fs::create_directories(at);
    write(at / "disable", "0");
    return at;
}

void UsbTree::peers(const fs::path& one, const fs::path& other) {
    link(other, one / "peer");
    link(one, other / "peer");
}

fs::path UsbTree::device_node(const std::string& path) const {
    const auto line = [&](const char* name) { return std::stoi(read_whole_file(folder(path) / name)); };
    char name[32];
    std::snprintf(name, sizeof name, "%03d/%03d", line("busnum"), line("devnum"));
    return root / "dev/bus/usb" / name;
}

}  // namespace patchbay::testing
