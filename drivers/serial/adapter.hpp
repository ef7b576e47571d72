// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which serial port is the one that a device's file means. Numbers such as ttyUSB0 are given in the order of plugging
// in; what stays is where an adapter is plugged in, and what it says of itself.
// Source of facts: sysfs (Documentation/ABI/testing/sysfs-bus-usb of the kernel), because libserialport tells neither
// the USB path nor the interface.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace patchbay {

/// One serial port of this machine.
struct SerialAdapter {
    std::string name;  ///< "ttyUSB0"; its path is /dev/ttyUSB0
    // Of the USB device; empty for a port that is no USB device.
    std::string usb_path;         ///< "1-1.4"
    std::string vendor, product;  ///< "0403", "6001"
    std::string serial_number, manufacturer, model;
    std::optional<unsigned> interface;    ///< bInterfaceNumber
    std::optional<unsigned> port_number;  ///< of several ports behind one interface

    std::string path() const { return "/dev/" + name; }
    /// "FTDI FT232R USB UART (serial number A50285BI, usb_path 1-1.4)"; "port /dev/ttyS0" without USB.
    std::string text() const;
};

/// What a device's file says of its adapter: either a link or a path, or properties of a USB device.
struct AdapterQuery {
    std::filesystem::path link;  ///< "/dev/serial/by-id/…", "/dev/ttyS0"
    std::string usb_path, serial_number, vendor, product;
    std::optional<unsigned> interface, port_number;

    bool fits(const SerialAdapter& adapter) const;
    /// "the adapter with serial_number A50285BI", "/dev/ttyS0".
    std::string text() const;
};

/// Every serial port with hardware behind it, by name. `root` is "/", or a tree of a test.
std::vector<SerialAdapter> list_serial_adapters(const std::filesystem::path& root);

/// Those that fit, by name; none when it is not plugged in.
std::vector<SerialAdapter> find_serial_adapters(const AdapterQuery& query, const std::filesystem::path& root);

}  // namespace patchbay
