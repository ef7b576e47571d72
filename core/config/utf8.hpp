// SPDX-License-Identifier: Apache-2.0
#pragma once
// UTF-8, one code point at a time.

#include <cstddef>
#include <string>
#include <string_view>

namespace patchbay::config {

struct CodePoint {
    char32_t value = 0;
    std::size_t length = 0;  ///< bytes taken; at least 1
    bool valid = false;      ///< false: the bytes are no UTF-8; value is then U+FFFD
};

/// The code point that begins at text[at]; `at` must be inside. Overlong forms and surrogates are invalid; of an
/// invalid sequence as many bytes are taken as Python's "replace" takes.
CodePoint decode_utf8(std::string_view text, std::size_t at);
void append_utf8(std::string& out, char32_t code);
/// The beginning of `text`, at most so many bytes, without a part of a code point at its end.
std::string_view first_bytes(std::string_view text, std::size_t most);

}  // namespace patchbay::config
