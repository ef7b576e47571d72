// SPDX-License-Identifier: Apache-2.0
#pragma once
// USB devices as the kernel shows them below /sys/bus/usb, and what they gave to other subsystems: terminals, GPIO
// chips, disks. Only small files are read; nothing is opened, claimed or woken. `root` is "/", or a tree of a test.
// Source: Documentation/ABI/testing/sysfs-bus-usb of the kernel.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/config/map_reader.hpp"

namespace patchbay {

struct UsbDevice {
    std::string path;           ///< where it is plugged in, "1-1.4": bus 1, port 1, port 4 of the hub there; "usb1"
    std::string controller;     ///< what the bus hangs on, as udev names it: "pci-0000:00:14.0"; empty when unknown
    std::string serial_number;  ///< empty when it has none
    std::string product;        ///< its own name for itself
    unsigned vendor_id = 0, product_id = 0;
    unsigned device_class = 0;     ///< 9 is a hub
    unsigned speed = 0;            ///< Mbit/s; from 5000 on it is USB 3
    std::filesystem::path folder;  ///< in sysfs
    std::filesystem::path node;    ///< /dev/bus/usb/001/004; gets another number at each plugging in

    /// "1-1.4 (1a86:7523 USB Serial)", for messages.
    std::string text() const;
};

/// Every device, hubs and root hubs too, in the order of their paths.
std::vector<UsbDevice> usb_devices(const std::filesystem::path& root = "/");

/// What a USB device is for another subsystem: ttyUSB0 in class/tty, gpiochip1 in bus/gpio/devices.
struct UsbNode {
    std::string name;
    int interface = 0;  ///< of the USB device that made it
    UsbDevice device;
};

/// `listing` is below /sys: "class/tty", "bus/gpio/devices", "class/block". In the order of paths and interfaces.
std::vector<UsbNode> usb_nodes(const std::string& listing, const std::filesystem::path& root = "/");

/// Which of the attached adapters a device file means: by where it is plugged in, or by its serial number. Never by
/// the number that the kernel happened to give it.
struct UsbIdentity {
    /// "1-1.4", or as udev writes it, which stays the same when buses are counted otherwise:
    /// "pci-0000:00:14.0-usb-0:1.4", also with an interface, ":1.0", at the end.
    std::string usb_path;
    std::string serial_number;
    std::optional<int> interface;  ///< of an adapter with several ports

    bool empty() const { return usb_path.empty() && serial_number.empty(); }
    bool fits(const UsbDevice& device) const;
    bool fits(const UsbNode& node) const;
    /// "usb_path 1-1.4", "serial_number FT4XYZ12", for messages.
    std::string text() const;
};

/// Reads the keys usb_path, serial_number and, where `with_interface`, interface.
enum class UsbInterfaceKey { no, yes };
UsbIdentity read_usb_identity(config::MapReader& options, UsbInterfaceKey with_interface = UsbInterfaceKey::no);

/// The only one of `found` that fits. Throws: InfrastructureError beginning with `what` ("device imx8-01: console:
/// serial port") when there is none or more than one, listing what is attached.
const UsbDevice& only_usb_device(const std::vector<UsbDevice>& found, const UsbIdentity& wanted,
                                 const std::string& what);
const UsbNode& only_usb_node(const std::vector<UsbNode>& found, const UsbIdentity& wanted, const std::string& what);

}  // namespace patchbay
