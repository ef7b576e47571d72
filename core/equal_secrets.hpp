// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace patchbay {

/// Takes as long for a wrong secret that begins right as for any other of its length: whoever guesses learns nothing
/// from the time.
inline bool equal_secrets(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return false;
    volatile unsigned char differences = 0;  // so that no compiler ends the loop early
    for (std::size_t i = 0; i < left.size(); ++i) {
        differences = static_cast<unsigned char>(differences | (left[i] ^ right[i]));
    }
    return differences == 0;
}

}  // namespace patchbay
