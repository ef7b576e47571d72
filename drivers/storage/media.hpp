// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which USB devices are multiplexers, and where the card reader of an SDWire is. Pure.

#include <algorithm>
#include <string>
#include <vector>

#include "core/usb/sysfs.hpp"

namespace patchbay {

/// "1-1" of "1-1.4"; "usb1" of "1-4".
inline std::string usb_hub_of(const std::string& path) {
    const auto dot = path.rfind('.');
    return dot != std::string::npos ? path.substr(0, dot) : "usb" + path.substr(0, path.find('-'));
}

inline bool is_usb_sd_mux(const UsbDevice& device) { return device.ids() == "0424:4041"; }

/// The FTDI chip of an SDWire; others of Samsung's have these ids too.
inline bool is_sd_wire(const UsbDevice& device) {
    return device.ids() == "04e8:6001" && device.product.starts_with("sd-wire");
}

/// An SDWire3 is a Realtek card reader with the ids, the names and the serial number of others that are only that.
inline bool is_sd_wire_3(const UsbDevice& device) { return device.ids() == "0bda:0316"; }

/// The hub that is part of an SDWire and has its card reader as well; nullptr: the chip is on another one.
inline const UsbDevice* sd_wire_hub(const UsbDevice& chip, const std::vector<UsbDevice>& devices) {
    const auto hub = std::ranges::find(devices, usb_hub_of(chip.path), &UsbDevice::path);
    return hub != devices.end() && hub->ids() == "0424:2640" ? &*hub : nullptr;
}

}  // namespace patchbay
