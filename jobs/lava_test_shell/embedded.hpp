// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace patchbay {

/// A file of scripts/, as it was when the program was built.
struct EmbeddedText {
    std::string_view path;  ///< below scripts/: "lava-test-case", "oe/lava-install-packages"
    std::string_view text;
};

std::span<const EmbeddedText> embedded_target_scripts();

}  // namespace patchbay
