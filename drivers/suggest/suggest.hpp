// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is attached to this machine, with the entry of a device's `hardware` that names each thing so that it is found
// again: by serial number where that is the only one, else by the socket. Asks only what cannot be harmed by it: files
// of sysfs, the report of a HID relay, the descriptor of a hub, what a GPIO chip says of its lines. No line is
// requested, nothing is switched, and no byte goes to a serial port. Blocks, at most a second for a device that hangs.
// `root` is "/", or a tree of a test.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/value.hpp"

namespace patchbay {

/// One thing.
struct Suggestion {
    std::string section;     ///< "serial ports"
    std::string what;        ///< "FTDI FT232R USB UART (serial number A50285BI, usb_path 1-1.4), now /dev/ttyUSB0"
    std::string capability;  ///< "console"
    config::Map keys;        ///< `driver` and its keys; empty when there is only something to say, in `notes`
    std::vector<std::string> notes;  ///< what to choose, what could not be read and the next step

    /// "console: {driver: serial, serial_number: A50285BI}"; empty without keys.
    std::string yaml() const;
};

// One file each. In the order of places, which does not depend on the order of plugging in.
std::vector<Suggestion> suggest_serial_ports(const std::filesystem::path& root);
std::vector<Suggestion> suggest_relays(const std::filesystem::path& root);
std::vector<Suggestion> suggest_hubs(const std::filesystem::path& root);
std::vector<Suggestion> suggest_gpio_chips(const std::filesystem::path& root);
std::vector<Suggestion> suggest_sound_cards(const std::filesystem::path& root);
std::vector<Suggestion> suggest_media(const std::filesystem::path& root);

/// All of them.
std::vector<Suggestion> suggest_hardware(const std::filesystem::path& root = "/");

/// For people: YAML, in which all but the entries are comments.
std::string suggestions_text(const std::vector<Suggestion>& suggestions);
/// For programs: a list of {section, what, capability, yaml, notes}.
config::Value suggestions_value(const std::vector<Suggestion>& suggestions);

}  // namespace patchbay
