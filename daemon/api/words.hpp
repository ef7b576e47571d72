// SPDX-License-Identifier: Apache-2.0
#pragma once
// Words and numbers as clients send them.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/store/rows.hpp"

namespace patchbay {

/// All of `text` must be the number.
inline std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const auto end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return number;
}

/// ASCII letters.
inline std::string lower_case(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return out;
}

enum class Case { matters, ignored };

/// The number, 0 to `last`, of the enumerator with this display name.
template <class Enum>
std::optional<std::int64_t> number_of_word(std::string_view word, Enum last, Case letters) {
    for (int value = 0; value <= static_cast<int>(last); ++value) {
        const auto name = to_string(static_cast<Enum>(value));
        if (letters == Case::matters ? name == word : lower_case(name) == lower_case(word)) return value;
    }
    return std::nullopt;
}

}  // namespace patchbay
