// SPDX-License-Identifier: Apache-2.0
#pragma once
// A set of ids as one text, "3,17,40", so that equal sets are one key.

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay {

/// Ascending, each once.
template <class Id>
std::string format_id_set(std::vector<Id> ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    std::string text;
    for (const auto id : ids) text += (text.empty() ? "" : ",") + std::to_string(id.value);
    return text;
}

template <class Id>
std::vector<Id> parse_id_set(std::string_view text) {
    std::vector<Id> ids;
    while (!text.empty()) {
        const auto cut = text.find(',');
        const auto number = text.substr(0, cut);
        Id id;
        std::from_chars(number.data(), number.data() + number.size(), id.value);
        ids.push_back(id);
        text = cut == std::string_view::npos ? std::string_view{} : text.substr(cut + 1);
    }
    return ids;
}

}  // namespace patchbay
