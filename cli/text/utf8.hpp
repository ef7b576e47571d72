// SPDX-License-Identifier: Apache-2.0
#pragma once
// Text as a terminal shows it: columns instead of bytes, and nothing that a board could make the terminal do.

#include <cstddef>
#include <string>
#include <string_view>

namespace patchbay::cli {

/// Takes one character off the front of `text`; U+FFFD for bytes that are not UTF-8. `text` must not be empty.
char32_t take_character(std::string_view& text);
void append_utf8(std::string& out, char32_t character);

/// Columns that a terminal uses: 2 for East Asian wide characters and emoji, 0 for combining marks.
std::size_t display_width(std::string_view text);

/// At most `columns` columns of `text`; what was cut shows as "…".
std::string shorten(std::string_view text, std::size_t columns);

enum class Colours { drop, keep };

/// Without control characters and escape sequences (tabs stay). With Colours::keep the board's own colours (SGR
/// sequences) stay, and are switched off at the end. Invalid UTF-8 becomes U+FFFD.
std::string printable(std::string_view text, Colours colours = Colours::drop);

/// printable() for one cell of a table: line ends and tabs become blanks.
std::string one_line(std::string_view text);

}  // namespace patchbay::cli
