// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which serial port is the one that a device's file means. Numbers such as ttyUSB0 are given in the order of plugging
// in; what stays is where an adapter is plugged in, and what it says of itself.
// Source of facts: drivers/usb/sysfs.hpp, because libserialport tells neither the USB path nor the interface.

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "drivers/usb/identity.hpp"

namespace patchbay {

/// One serial port of this machine.
struct SerialAdapter {
    std::string name;            ///< "ttyUSB0"; its path is /dev/ttyUSB0
    std::optional<UsbNode> usb;  ///< a port that is no USB device has none

    std::string path() const { return "/dev/" + name; }
    std::string serial_number() const { return usb ? usb->device.serial_number : ""; }
    /// "FTDI FT232R USB UART (serial number A50285BI, usb_path 1-1.4)"; "port /dev/ttyS0" without USB.
    std::string text() const;
};

/// What a device's file says of its adapter: either a link or a path, or properties of a USB device.
struct AdapterQuery {
    std::filesystem::path link;  ///< "/dev/serial/by-id/…", "/dev/ttyS0"
    UsbIdentity usb;

    /// "the adapter with serial_number A50285BI", "/dev/ttyS0".
    std::string text() const;
};

/// Every serial port with hardware behind it, by name. `root` is "/", or a tree of a test.
std::vector<SerialAdapter> list_serial_adapters(const std::filesystem::path& root);

/// Those that fit, by name; none when it is not plugged in.
std::vector<SerialAdapter> find_serial_adapters(const AdapterQuery& query, const std::filesystem::path& root);

/// Where a port hangs: the folder of its USB interface, or of its device, in sysfs; the same under another number.
/// Empty: it has no hardware, or is gone.
std::string serial_place(const std::string& name, const std::filesystem::path& root);
/// Of every port. Follows links only: an attribute of a device may wait for the device.
std::set<std::string> serial_places(const std::filesystem::path& root);

}  // namespace patchbay
