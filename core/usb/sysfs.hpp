// SPDX-License-Identifier: Apache-2.0
#pragma once
// USB devices as the kernel shows them below /sys/bus/usb, and what they gave to other subsystems: terminals, sound
// cards, GPIO chips, disks. Nothing else reads facts about USB. Only small files are read; nothing is
// opened, claimed or woken. `root` is "/", or a tree of a test.
// Source: Documentation/ABI/testing/sysfs-bus-usb of the kernel.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace patchbay {

struct UsbDevice {
    std::string path;           ///< where it is plugged in, "1-1.4": bus 1, port 1, port 4 of the hub there; "usb1"
    std::string controller;     ///< what the bus hangs on, as udev names it: "pci-0000:00:14.0"; empty when unknown
    std::string serial_number;  ///< empty when it has none
    std::string manufacturer;   ///< as it says; may be empty
    std::string product;        ///< its own name for itself; may be empty
    unsigned vendor_id = 0, product_id = 0;
    unsigned device_class = 0;     ///< 9 is a hub
    unsigned speed = 0;            ///< Mbit/s; from 5000 on it is USB 3
    std::filesystem::path folder;  ///< in sysfs
    std::filesystem::path node;    ///< /dev/bus/usb/001/004; gets another number at each plugging in

    /// "1a86:7523"
    std::string ids() const;
    /// "1.4" of "1-1.4"; "0" of a root hub: its place on the controller, as udev writes it.
    std::string ports() const;
    /// "1-1.4 (1a86:7523 USB Serial)", for messages.
    std::string text() const;
};

/// Every device, hubs and root hubs too, in the order of their paths.
std::vector<UsbDevice> usb_devices(const std::filesystem::path& root = "/");

/// What a USB device is for another subsystem: ttyUSB0 in class/tty, gpiochip1 in bus/gpio/devices.
struct UsbNode {
    std::string name;
    unsigned interface = 0;  ///< of the USB device that made it
    UsbDevice device;
    std::optional<unsigned> port_number = {};  ///< of several serial ports behind one interface
};

/// `listing` is below /sys: "class/tty", "bus/gpio/devices", "class/block". In the order of paths and interfaces.
std::vector<UsbNode> usb_nodes(const std::string& listing, const std::filesystem::path& root = "/");

/// The same for one entry, such as root/sys/class/tty/ttyS0. nullopt: no USB device made it, or it went.
std::optional<UsbNode> usb_node(const std::filesystem::path& entry, const std::filesystem::path& root = "/");

/// One attribute, its first line; empty when it is missing, as a serial number is, or when its device went.
std::string sysfs_attribute(const std::filesystem::path& file);

}  // namespace patchbay
