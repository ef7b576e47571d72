// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/fingerprint.hpp"

#include <algorithm>

namespace patchbay {
namespace {

/// Enough to know a board by, short enough for a message.
constexpr std::size_t quoted = 120;

std::string_view beginning(std::string_view text) {
    auto size = std::min(text.size(), quoted);
    while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
    return text.substr(0, size);  // not in the middle of a character
}

}  // namespace

Fingerprint::Fingerprint(const std::vector<std::string>& expressions) {
    for (const auto& expression : expressions) expected_.push_back({Pattern{expression}});
    missing_ = expected_.size();
}

void Fingerprint::powered() {
    for (auto& each : expected_) each.seen = false;
    missing_ = expected_.size();
    first_words_.clear();
}

void Fingerprint::line(std::string_view text) {
    if (complete()) return;
    if (first_words_.size() < quoted && !text.empty()) {
        if (!first_words_.empty()) first_words_ += " | ";
        first_words_ += beginning(text);
    }
    for (auto& each : expected_) {
        if (each.seen || !each.pattern.search(text)) continue;
        each.seen = true;
        --missing_;
    }
}

std::string Fingerprint::problem() const {
    if (complete()) return {};
    std::string text;
    for (const auto& each : expected_) {
        if (!each.seen) text += (text.empty() ? "'" : ", '") + each.pattern.text() + "'";
    }
    text = "its console did not say " + text;
    return first_words_.empty() ? text + ", but nothing at all" : text + ", but: " + first_words_;
}

}  // namespace patchbay
