// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "drivers/usb/identity.hpp"

namespace patchbay {

/// One relay of a board, as a description gives it.
struct Relay {
    UsbIdentity place;
    int channel = 1;

    std::string channel_text() const { return ", channel " + std::to_string(channel); }
    /// "relay board with usb_path 1-1.4, channel 2"; `known_by` ("A1B2C", "at /dev/ttyS0") goes before the place.
    std::string name(const std::string& known_by) const {
        return (known_by.empty() ? place.name("relay board") : "relay board " + known_by) + channel_text();
    }
};

}  // namespace patchbay
