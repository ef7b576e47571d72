// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patchbay {

/// Where an expression (PCRE) first matches.
struct RegexMatch {
    std::string text;     ///< what group 1 took, or all of the match when there is no group
    std::size_t end = 0;  ///< behind the match
};

/// nullopt: no match. ^ and $ are the ends of the text.
/// Throws: ConfigurationError, it is no expression, or one that takes too many steps.
std::optional<RegexMatch> search_regex(const std::string& expression, std::string_view text);

}  // namespace patchbay
