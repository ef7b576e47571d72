// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace patchbay {

/// LAVA's answers have null where nothing was entered.
inline std::optional<std::string> null_if_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional{text};
}

}  // namespace patchbay
