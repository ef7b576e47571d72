// SPDX-License-Identifier: Apache-2.0
// Relay boards: what is a HID device says so itself; what is behind a serial port says nothing.

#include <algorithm>

#include "core/errors.hpp"
#include "drivers/suggest/naming.hpp"
#include "drivers/usb/hid_relay.hpp"

namespace patchbay {
namespace {

constexpr auto which_channel = "channel: 1 to ";

std::vector<UsbDevice> hid_relays(const std::filesystem::path& root) {
    auto boards = usb_devices(root);
    std::erase_if(boards, [](const UsbDevice& device) { return !is_hid_relay(device); });
    return boards;
}

/// One board, and what it answered.
struct Asked {
    const UsbDevice* board;
    std::string id;       ///< empty: it has none, or did not answer
    std::string problem;  ///< why it did not
};

Asked ask(const UsbDevice& board) {
    Asked asked{&board, {}, {}};
    // 16c0:05df is given to whoever builds a HID device; only a relay board calls itself so.
    if (!has_hid_relay_id(board) || !board.product.starts_with("USBRelay")) return asked;
    try {
        asked.id = hid_relay_id(board, "its id");
    } catch (const InfrastructureError& error) {
        asked.problem = error.what();
    }
    return asked;
}

Suggestion hid_relay(const Asked& asked, const std::vector<UsbDevice>& boards, bool is_unique) {
    Suggestion one;
    one.what = text_of(*asked.board) + (asked.id.empty() ? "" : ", id " + asked.id);
    one.capability = "power";
    one.keys = {{"driver", "hid-relay"}};
    if (!asked.id.empty()) one.keys.set("relay", asked.id);
    if (!is_unique) one.keys.set("usb_path", stable_path(*asked.board, boards));
    one.keys.set("channel", 1);
    one.notes.push_back(which_channel + std::to_string(hid_relay_channels(*asked.board)) +
                        ", as printed on the board.");
    if (!asked.problem.empty()) one.notes.push_back(asked.problem);
    if (has_hid_relay_id(*asked.board) && !asked.board->product.starts_with("USBRelay"))
        one.notes.emplace_back("Its name is not that of a relay board, and others have these USB ids too: is it one?");
    return one;
}

bool may_be_lcus(const UsbDevice& device) { return device.vendor_id == 0x1a86 && device.product_id == 0x7523; }

}  // namespace

std::vector<Suggestion> suggest_relays(const std::filesystem::path& root) {
    std::vector<Suggestion> found;
    const auto boards = hid_relays(root);
    std::vector<Asked> all;
    for (const auto& board : boards) all.push_back(ask(board));
    for (const auto& each : all) {
        const bool is_unique = !each.id.empty() && std::ranges::count(all, each.id, &Asked::id) == 1;
        found.push_back(hid_relay(each, boards, is_unique));
    }
    const auto ports = usb_nodes("class/tty", root);
    for (const auto& port : ports) {
        if (!may_be_lcus(port.device)) continue;
        Suggestion one;
        one.what = "perhaps a relay board: " + text_of(port.device) + ", now /dev/" + port.name;
        one.capability = "power";
        one.keys = {{"driver", "serial-relay"}};
        name_node(one, port, ports);
        one.keys.set("channel", 1);
        one.notes.emplace_back(
            "Boards of the kind LCUS have the same chip as serial adapters, and answer nothing. Nothing was sent to "
            "it, "
            "because that might be typed at a board: look at it, and take only one of the two entries.");
        one.notes.emplace_back("channel: as printed on the board.");
        found.push_back(std::move(one));
    }
    return found;
}

}  // namespace patchbay
