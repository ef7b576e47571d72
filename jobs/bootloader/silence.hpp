// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace patchbay {

/// What a dialogue remembers of a board that says nothing, time after time.
class Silence {
public:
    /// It says nothing. Returns what of `unmatched` no answer was given to yet.
    std::string_view falls(std::string_view unmatched) {
        times_ = unmatched.size() == heard_ ? times_ + 1 : 1;
        heard_ = unmatched.size();
        auto fresh = unmatched.substr(std::min(answered_, unmatched.size()));
        // Of a long babble the beginning is gone, and with it the place that was kept.
        while (!fresh.empty() && (static_cast<unsigned char>(fresh.front()) & 0xC0) == 0x80) fresh.remove_prefix(1);
        return fresh;
    }
    /// Something was typed because of what it has said: it must not be typed again because of the same.
    void answered(std::string_view unmatched) { answered_ = unmatched.size(); }
    /// It has said something that was matched.
    void broken() { *this = {}; }

    /// Longer than the slowest echo: five times a holder's patience, which is ten seconds.
    bool is_long() const { return times_ >= 5; }

private:
    std::size_t heard_ = 0, answered_ = 0;
    int times_ = 0;
};

}  // namespace patchbay
