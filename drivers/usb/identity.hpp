// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which of the attached USB devices a description means: by where it is plugged in, or by what it says of itself. Never
// by the number that the kernel happened to give it. Pure, but for the lists that are handed in.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/map_reader.hpp"
#include "core/usb/sysfs.hpp"

namespace patchbay {

struct UsbIdentity {
    /// "1-1.4", or as udev writes it (ID_PATH), which stays the same when buses are counted otherwise:
    /// "pci-0000:00:14.0-usb-0:1.4"; either also with an interface, ":1.0", at the end.
    std::string usb_path = {};
    std::string serial_number = {};
    std::optional<unsigned> interface = {};    ///< of an adapter with several ports
    std::string vendor = {}, product = {};     ///< "0403", "6001"
    std::optional<unsigned> port_number = {};  ///< of several ports behind one interface

    bool empty() const { return usb_path.empty() && serial_number.empty(); }
    bool fits(const UsbDevice& device) const;
    /// The interface too, where usb_path ends with one.
    bool fits(const UsbNode& node) const;
    /// "usb_path 1-1.4", "serial_number FT4XYZ12, interface 1", for messages.
    std::string text() const;
    /// "relay board with usb_path 1-1.4"; only `what` when nothing is stated.
    std::string name(const std::string& what) const;
};

/// Reads the keys usb_path, serial_number and, where asked for, interface.
enum class UsbInterfaceKey { no, yes };
enum class UsbRootHubs { no, yes };  ///< may usb_path be "usb1"?
UsbIdentity read_usb_identity(config::MapReader& options, UsbInterfaceKey with_interface = UsbInterfaceKey::no,
                              UsbRootHubs root_hubs = UsbRootHubs::no);

/// A vendor or product id: four hexadecimal digits in lower case, as lsusb and sysfs print them; empty when absent.
/// What YAML takes for a number is a problem: 0403 would be octal, 2341 decimal.
std::string read_usb_id(config::MapReader& options, std::string_view key);

/// A place in one of the forms of UsbIdentity::usb_path; empty when absent.
std::string read_usb_path(config::MapReader& options, std::string_view key, UsbRootHubs root_hubs = UsbRootHubs::no);

/// Text that YAML must not take for a number; empty when absent.
std::string read_quoted(config::MapReader& options, std::string_view key);

/// The only one of `found` that fits. Throws: InfrastructureError beginning with `what` ("device imx8-01: console:
/// serial port") when there is none or more than one, listing what is attached. `part`: which part of it is wanted,
/// ", channel 2", for the message.
const UsbDevice& only_usb_device(const std::vector<UsbDevice>& found, const UsbIdentity& wanted,
                                 const std::string& what, const std::string& part = "");
const UsbNode& only_usb_node(const std::vector<UsbNode>& found, const UsbIdentity& wanted, const std::string& what,
                             const std::string& part = "");

}  // namespace patchbay
