// SPDX-License-Identifier: Apache-2.0
#include "drivers/audio/card.hpp"

#include <algorithm>
#include <fstream>
#include <regex>

#include "drivers/usb/identity.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// The number of the card that /dev/snd/controlC2 belongs to.
std::optional<int> number_of(const fs::path& link, const fs::path& root) {
    std::error_code error;
    const auto node = fs::canonical(root / link.relative_path(), error).filename().string();
    std::smatch match;
    static const std::regex control{"controlC([0-9]{1,4})"};
    if (error || !std::regex_match(node, match, control)) return std::nullopt;
    return std::stoi(match[1]);
}

}  // namespace

std::string SoundCard::text() const {
    return "card " + id + " (" + name + (usb ? ", usb_path " + usb->device.path : "") + ")";
}

std::string CardQuery::text() const {
    if (!card.empty()) return "sound card '" + card + "'";
    if (!usb_path.empty()) return "sound card at usb_path " + usb_path;
    return "sound card " + link.string();
}

std::vector<SoundCard> list_cards(const fs::path& root) {
    std::vector<SoundCard> cards;
    std::ifstream file{root / "proc/asound/cards"};
    // " 1 [Device         ]: USB-Audio - USB Audio Device"; a second line says where it is.
    static const std::regex line_of_card{R"(\s*([0-9]{1,4}) \[(\S+)\s*\]: .*? - (.*))"};
    for (std::string line; std::getline(file, line);) {
        std::smatch match;
        if (!std::regex_match(line, match, line_of_card)) continue;
        SoundCard card{std::stoi(match[1]), match[2], match[3], {}};
        card.usb = usb_node(root / "sys/class/sound" / ("card" + std::to_string(card.number)), root);
        cards.push_back(std::move(card));
    }
    return cards;
}

std::vector<SoundCard> find_cards(const CardQuery& query, const fs::path& root) {
    auto cards = list_cards(root);
    const auto linked = query.link.empty() ? std::nullopt : number_of(query.link, root);
    std::erase_if(cards, [&](const SoundCard& card) {
        if (!query.card.empty()) return card.id != query.card && card.name != query.card;
        if (!query.usb_path.empty())
            return !card.usb || !UsbIdentity{.usb_path = query.usb_path}.fits(card.usb->device);
        return card.number != linked;
    });
    return cards;
}

void add_card_nodes(std::vector<fs::path>& nodes, int number, const fs::path& root) {
    const auto card = "C" + std::to_string(number);
    std::error_code none;
    for (fs::directory_iterator at{root / "dev/snd", none}, end; !none && at != end; at.increment(none)) {
        const auto name = at->path().filename().string();
        if (name == "control" + card || name.starts_with("pcm" + card + "D")) nodes.push_back(at->path());
    }
}

}  // namespace patchbay
