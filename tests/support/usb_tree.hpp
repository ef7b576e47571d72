// SPDX-License-Identifier: Apache-2.0
#pragma once
// A tree as the kernel shows USB devices in, below a folder of a test: sys/bus/usb/devices, links and all.

#include <filesystem>
#include <string>

namespace patchbay::testing {

class UsbTree {
public:
    /// What a device says of itself. Numbers are as sysfs writes them: hexadecimal without 0x.
    struct Identity {
        std::string vendor = "16c0", product = "05df", name = {}, serial = {}, device_class = "00";
    };

    /// With a controller at 0000:00:14.0 and its two root hubs, usb1 and usb2.
    explicit UsbTree(std::filesystem::path root);

    /// Plugs a device in at "1-1.4" or replaces it; its hubs must be there. Every plugging in gives it a new number on
    /// the bus. Returns its folder.
    std::filesystem::path plug(const std::string& path, const Identity& identity);
    void unplug(const std::string& path);

    /// A node of another subsystem: node("class/tty", "1-2", 0, "ttyUSB0/tty/ttyUSB0").
    void node(const std::string& listing, const std::string& path, int interface, const std::string& below);

    /// A port's folder of a hub: with the file `disable` (holding 0), as kernels from 6.0 on have it.
    std::filesystem::path port(const std::string& hub, int number);
    /// Two ports are one physical one: USB 2 and USB 3.
    void peers(const std::filesystem::path& one, const std::filesystem::path& other);

    /// In root/dev/bus/usb: what a driver opens.
    std::filesystem::path device_node(const std::string& path) const;
    std::filesystem::path folder(const std::string& path) const;

    const std::filesystem::path root;

private:
    std::filesystem::path interface_folder(const std::string& path, int interface) const;
    int plugged_ = 0;
};

}  // namespace patchbay::testing
