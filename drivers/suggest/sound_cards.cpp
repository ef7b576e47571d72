// SPDX-License-Identifier: Apache-2.0
// Sound cards.

#include <algorithm>
#include <optional>

#include "drivers/audio/card.hpp"
#include "drivers/suggest/naming.hpp"

namespace patchbay {

std::vector<Suggestion> suggest_sound_cards(const std::filesystem::path& root) {
    auto cards = list_cards(root);
    std::ranges::sort(cards, {}, [](const SoundCard& card) {
        return std::tuple{!card.usb, card.usb ? card.usb->device.path : card.id, card.id};
    });
    std::vector<UsbDevice> devices;
    for (const auto& card : cards) {
        if (card.usb) devices.push_back(card.usb->device);
    }
    std::vector<Suggestion> found;
    for (const auto& card : cards) {
        Suggestion one;
        one.what = card.text();
        one.capability = "audio";
        one.keys = {{"driver", "alsa"}};
        if (card.usb) {
            one.keys.set("usb_path", stable_path(card.usb->device, devices));
        } else {
            one.keys.set("card", card.id);
        }
        one.notes.emplace_back("device: 0, unless `aplay -l` shows several of this card.");
        note_access(one, root / "dev/snd" / ("controlC" + std::to_string(card.number)));
        found.push_back(std::move(one));
    }
    return found;
}

}  // namespace patchbay
