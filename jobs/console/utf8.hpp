// SPDX-License-Identifier: Apache-2.0
#pragma once
// Console bytes become valid UTF-8 here, once: everything behind it may rely on that.

#include <cstddef>
#include <string>
#include <string_view>

namespace patchbay {

/// How many characters (code points) valid UTF-8 has.
std::size_t count_characters(std::string_view valid);

/// Repairs a byte stream, however it is cut: each maximal invalid part becomes one U+FFFD, as Python's decoder does
/// with errors="replace". NUL and other control characters pass.
class Utf8Repair {
public:
    /// Appends the repaired form of `bytes` to `out`. A character that is still incomplete waits for the next call.
    void feed(std::string_view bytes, std::string& out);
    /// The stream paused or ended: an incomplete character becomes U+FFFD.
    void finish(std::string& out);
    bool pending() const { return held_size_ != 0; }

private:
    char held_[4] = {};
    std::size_t held_size_ = 0;
};

}  // namespace patchbay
