// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which sound card is the one that a device's file means. Numbers are given in the order of plugging in; what stays is
// the card's name, and where it is plugged in.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/usb/sysfs.hpp"

namespace patchbay {

/// One sound card of this machine.
struct SoundCard {
    int number = 0;
    std::string id;              ///< "Loopback": one word, no two cards have the same at one time
    std::string name;            ///< "Scarlett 2i2 USB"
    std::optional<UsbNode> usb;  ///< a card that is no USB device has none

    /// "card Device (USB Audio Device, usb_path 1-1.4)"
    std::string text() const;
};

/// What a device's file says of its card: exactly one of these.
struct CardQuery {
    std::string card;            ///< id or name
    std::string usb_path;        ///< as in UsbIdentity
    std::filesystem::path link;  ///< "/dev/snd/by-path/…", "/dev/snd/by-id/…"

    bool empty() const { return card.empty() && usb_path.empty() && link.empty(); }
    /// "card 'Loopback'", "the sound card at usb_path 1-1.4".
    std::string text() const;
};

/// Every card, by number. `root` is "/", or a tree of a test.
/// Source of facts: /proc/asound/cards for names, drivers/usb/sysfs.hpp for the USB device.
std::vector<SoundCard> list_cards(const std::filesystem::path& root);

/// Those that fit; none when it is not plugged in.
std::vector<SoundCard> find_cards(const CardQuery& query, const std::filesystem::path& root);

/// Adds what a program opens that uses the card: its mixer, and all that it plays and captures by.
void add_card_nodes(std::vector<std::filesystem::path>& nodes, int number, const std::filesystem::path& root);

}  // namespace patchbay
