// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/tag_set.hpp"

#include <algorithm>
#include <charconv>

namespace patchbay {

std::string format_tag_set(std::vector<TagId> tags) {
    std::sort(tags.begin(), tags.end());
    tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
    std::string text;
    for (const auto tag : tags) text += (text.empty() ? "" : ",") + std::to_string(tag.value);
    return text;
}

std::vector<TagId> parse_tag_set(std::string_view text) {
    std::vector<TagId> tags;
    while (!text.empty()) {
        const auto cut = text.find(',');
        const auto number = text.substr(0, cut);
        TagId tag;
        std::from_chars(number.data(), number.data() + number.size(), tag.value);
        tags.push_back(tag);
        text = cut == std::string_view::npos ? std::string_view{} : text.substr(cut + 1);
    }
    return tags;
}

bool covers(std::string_view offered, std::string_view wanted) {
    if (wanted.empty()) return true;
    const auto have = parse_tag_set(offered);
    const auto want = parse_tag_set(wanted);
    return std::includes(have.begin(), have.end(), want.begin(), want.end());
}

}  // namespace patchbay
