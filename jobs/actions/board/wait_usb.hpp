// SPDX-License-Identifier: Apache-2.0
#pragma once
// Boards that show themselves on USB, when they are ready for the next step. LAVA asks udev for its events; here the
// kernel's own list is read, which also has what came before anybody asked.

#include <optional>
#include <string>
#include <string_view>

#include "core/usb/sysfs.hpp"
#include "jobs/actions/action.hpp"

namespace patchbay {

/// Which USB device. What is empty may be anything.
struct UsbWanted {
    std::string serial;           ///< its serial number; "usb:2-1.2": where it is plugged in, as fastboot writes it
    std::string vendor, product;  ///< four hexadecimal digits
    std::string chip_serial;      ///< behind "SN:" in its name, where that has one (Qualcomm's emergency download)

    /// "serial number 1bc92320", for messages.
    std::string text() const;
};

/// The device, if it is plugged in now. Nothing wanted: none, and not the first of this host.
std::optional<UsbDevice> find_usb(const JobContext& job, const UsbWanted& wanted);

/// A value of the device's file as text; empty when it is missing.
std::string device_value(const JobContext& job, std::string_view key);
/// LAVA's templates write zeros where the lab has given no serial number.
bool is_unset_serial(std::string_view serial);

/// An action of this name that ends when the device is there. Its time-out is the lab's. Nothing wanted: does nothing.
/// Done at once, too, where device_info says `wait_device_board_id: false`.
ActionPtr make_wait_usb(std::string action, UsbWanted wanted);
/// wait-device-boardid for the device's board_id.
ActionPtr make_wait_device_boardid(const JobContext& job);
/// wait-usb-serial: the board's serial port is there, and had the device's `usb_sleep` to settle.
ActionPtr make_wait_usb_serial(const JobContext& job);

}  // namespace patchbay
