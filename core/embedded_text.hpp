// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace patchbay {

/// A file that became a part of the program when that was built (cmake/PatchbayEmbed.cmake).
struct EmbeddedText {
    std::string_view path;  ///< below the embedded folder: "lava-test-case", "oe/lava-install-packages"
    std::string_view text;
};

}  // namespace patchbay
