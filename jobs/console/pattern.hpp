// SPDX-License-Identifier: Apache-2.0
#pragma once
// One regular expression of a job: a prompt, an error message, a test definition's parse pattern.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay {

/// Console waits compile with DOTALL, the parse patterns of test definitions with MULTILINE and nothing else (LAVA).
enum class PatternMode { console, parse };

/// A byte range of the searched text; `begin` is npos for a group that took no part in the match.
struct TextRange {
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    std::size_t begin = npos;
    std::size_t end = npos;
};

/// An expression of Python's `re`, compiled. Cheap to copy.
class Pattern {
public:
    /// Throws: TestError "Invalid regular expression '<p>': <reason>".
    explicit Pattern(std::string expression, PatternMode mode = PatternMode::console);

    const std::string& text() const;
    /// Names of the groups by number; [0] is the whole match, unnamed groups are "".
    const std::vector<std::string>& group_names() const;
    /// Can text before the place of a match change whether it matches? (^, \A, \b, look-behind)
    bool looks_back() const;
    /// A byte that is part of every match, if there is such a one.
    std::optional<char> required_byte() const;

    struct Found {
        std::vector<TextRange> groups;  ///< [0] is the whole match; empty: there is none
        /// Without a match: no later match can begin before this, whatever text follows.
        std::size_t resume = 0;
        explicit operator bool() const { return !groups.empty(); }
    };

    /// The leftmost match in `text` that begins at `from` or later. `text` must be valid UTF-8, and `from` a boundary.
    /// Throws: TestError, it took too many steps (patterns come from users; PCRE2's match limit).
    Found search(std::string_view text, std::size_t from = 0) const;

private:
    struct Compiled;
    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace patchbay
