// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a suggestion names a USB device, and says what keeps us from using it.

#include <filesystem>
#include <string>
#include <vector>

#include "core/usb/sysfs.hpp"
#include "drivers/suggest/suggest.hpp"

namespace patchbay {

/// "FTDI FT232R USB UART (0403:6001, serial number A50285BI, usb_path 1-1.4)"
std::string text_of(const UsbDevice& device);

/// The socket, as it is called after another start too: "pci-0000:00:14.0-usb-0:1.4"; of `alike` it means only this
/// one.
std::string stable_path(const UsbDevice& device, const std::vector<UsbDevice>& alike);

/// Adds serial_number where none of `alike` (whatever its driver looks through) has the same and it is none that many
/// devices have, else usb_path with a note.
void name_device(Suggestion& suggestion, const UsbDevice& device, const std::vector<UsbDevice>& alike);

/// The same for one of several nodes; adds interface and port_number where its device has several in `all`.
void name_node(Suggestion& suggestion, const UsbNode& node, const std::vector<UsbNode>& all);

/// Adds a note when this program's user may not read and write the node, with the next step.
void note_access(Suggestion& suggestion, const std::filesystem::path& node);

}  // namespace patchbay
