// SPDX-License-Identifier: Apache-2.0
#pragma once
// Job definitions carry expressions of Python's `re`. PCRE2 reads nearly the same language; this translates the rest
// and refuses what only PCRE2 would understand, so that an expression means here what it means in LAVA.

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace patchbay {

/// what() is the reason, in the words of Python's re where it has some: "bad escape \q at position 3".
struct RegexSyntaxError : std::runtime_error {
    RegexSyntaxError(const std::string& reason, std::size_t position)
        : std::runtime_error{reason + " at position " + std::to_string(position)} {}
};

struct TranslatedRegex {
    std::string pcre;
    bool ascii = false;             ///< (?a): \w \d \s match ASCII only
    bool ignores_case = false;      ///< (?i) somewhere
    bool depends_on_start = false;  ///< holds ^ or \A: what matches depends on where the searched text begins
};

/// Where $ matches before a line end. Serial lines end in \r\n: for Python a parse pattern that ends in $ then never
/// matches, and its results are lost.
enum class LineEnd { newline, any_carriage_returns };

/// Throws: RegexSyntaxError.
TranslatedRegex translate_python_regex(std::string_view expression, LineEnd line_end = LineEnd::newline);

}  // namespace patchbay
