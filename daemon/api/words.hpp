// SPDX-License-Identifier: Apache-2.0
#pragma once
// Display names as clients send them.

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/text.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

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
