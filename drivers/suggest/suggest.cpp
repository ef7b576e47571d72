// SPDX-License-Identifier: Apache-2.0
#include "drivers/suggest/suggest.hpp"

#include <algorithm>
#include <array>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

using Suggest = std::vector<Suggestion> (*)(const std::filesystem::path&);

struct Section {
    std::string_view name;
    Suggest find;
};

constexpr std::array sections{
    Section{"serial ports", suggest_serial_ports},
    Section{"relays", suggest_relays},
    Section{"hubs", suggest_hubs},
    Section{"GPIO chips", suggest_gpio_chips},
    Section{"sound cards", suggest_sound_cards},
    Section{"SD multiplexers and USB disks", suggest_media},
};

/// As people write it where YAML reads that as this very text, else in quotes.
std::string scalar(const config::Value& value) {
    const auto* text = value.as_string();
    if (text == nullptr) return config::dump_flow(value);
    try {
        const auto read = config::parse_yaml("{key: " + *text + "}");
        const auto* plain = read.find("key");
        if (plain != nullptr && plain->is_string() && *plain->as_string() == *text && read.as_map()->size() == 1)
            return *text;
    } catch (const config::YamlError&) {
        // then in quotes
    }
    return config::dump_flow(value);
}

/// One line of a comment, whatever a device calls itself.
std::string comment(std::string text) {
    std::ranges::replace_if(
        text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    return text;
}

}  // namespace

std::string Suggestion::yaml() const {
    std::string text;
    for (const auto& [key, value] : keys) text += (text.empty() ? "" : ", ") + *key.as_string() + ": " + scalar(value);
    return text.empty() ? "" : capability + ": {" + text + "}";
}

std::vector<Suggestion> suggest_hardware(const std::filesystem::path& root) {
    std::vector<Suggestion> all;
    for (const auto& section : sections) {
        for (auto& each : section.find(root)) {
            each.section = section.name;
            all.push_back(std::move(each));
        }
    }
    return all;
}

std::string suggestions_text(const std::vector<Suggestion>& suggestions) {
    std::string text =
        "# What is attached to this machine. Put what a board is wired to below `hardware:` of its device.\n";
    std::string missing;
    for (const auto& section : sections) {
        bool any = false;
        for (const auto& each : suggestions) {
            if (each.section != section.name) continue;
            if (!any) text += "\n# == " + std::string{section.name} + "\n";
            any = true;
            text += "\n# " + comment(each.what) + "\n";
            for (const auto& note : each.notes) text += "#   " + comment(note) + "\n";
            if (!each.keys.empty()) text += "  " + each.yaml() + "\n";
        }
        if (!any) missing += (missing.empty() ? "" : ", ") + std::string{section.name};
    }
    if (!missing.empty()) text += "\n# Not found: " + missing + ".\n";
    return text;
}

config::Value suggestions_value(const std::vector<Suggestion>& suggestions) {
    config::List list;
    for (const auto& each : suggestions) {
        config::List notes;
        for (const auto& note : each.notes) notes.emplace_back(note);
        list.emplace_back(config::Map{{"section", each.section},
                                      {"what", each.what},
                                      {"capability", each.capability},
                                      {"yaml", each.yaml()},
                                      {"notes", std::move(notes)}});
    }
    return list;
}

}  // namespace patchbay
