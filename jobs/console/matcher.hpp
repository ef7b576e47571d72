// SPDX-License-Identifier: Apache-2.0
#pragma once
// The expect buffer of one console: all live patterns are searched at once in what the board printed. No I/O, no
// clock. Semantics of LAVA's waits (lava_dispatcher/shell.py): the leftmost match over all patterns wins, of two at
// the same place the lower index; what stands before the match and the match itself are consumed.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/console/pattern.hpp"
#include "jobs/console/utf8.hpp"

namespace patchbay {

/// How far back a match may begin: LAVA's two reads, or as far as output is kept (the end of a kernel message).
enum class SearchWindow { two_reads, unlimited };

/// Is a match good that ends where the output ends for now? A prompt's is. The value that a pattern captures may go on
/// with the next byte: the stream is cut anywhere.
enum class AtEnd { take, hold };

/// What one wait looks for, in order of preference.
class PatternSet {
public:
    explicit PatternSet(std::vector<Pattern> patterns, SearchWindow window = SearchWindow::two_reads,
                        AtEnd at_end = AtEnd::take);
    /// Compiles each expression for a console. Throws: TestError, one is invalid.
    static PatternSet of(const std::vector<std::string>& expressions, SearchWindow window = SearchWindow::two_reads,
                         AtEnd at_end = AtEnd::take);

    const std::vector<Pattern>& patterns() const { return patterns_; }
    SearchWindow window() const { return window_; }
    AtEnd at_end() const { return at_end_; }
    /// Different for each set ever made; copies share it.
    std::uint64_t id() const { return id_; }

private:
    std::vector<Pattern> patterns_;
    SearchWindow window_;
    AtEnd at_end_;
    std::uint64_t id_;
};

struct Match {
    struct Group {
        std::string name;  ///< "" when it has none
        std::optional<std::string> value;
    };
    std::size_t index = 0;  ///< in the PatternSet
    std::string before;     ///< unconsumed output up to the match; the last 64 KiB, in an unlimited window 128 KiB
    std::string text;
    std::vector<Group> groups;  ///< [0] is group 1

    /// The text of a group that took part, else nullptr.
    const std::string* group(std::string_view name) const;
    const std::string* group(std::size_t number) const;
};

class Matcher {
public:
    /// LAVA's device constant spawn_maxread; characters.
    static constexpr std::size_t default_maxread = 4092;
    /// Output before the search window that is kept for Match::before; bytes.
    static constexpr std::size_t max_before = 64 * 1024;
    /// The widest "unlimited" window: a kernel message longer than this is not found. Bytes.
    static constexpr std::size_t max_window = 1024 * 1024;
    /// Output that nobody searched: beyond this the oldest is dropped. Bytes.
    static constexpr std::size_t max_unsearched = 16 * 1024 * 1024;

    /// `maxread`: at least 1 and at most max_window count.
    explicit Matcher(std::size_t maxread = default_maxread)
        : maxread_{std::clamp<std::size_t>(maxread, 1, max_window)} {}

    /// Takes the next bytes of the console; cuts anywhere, also within a character.
    void feed(std::string_view bytes);

    /// Looks in all that was fed and not consumed. Nothing found: feed more and call again; looking again costs only
    /// what is new. Throws: TestError, a pattern is too expensive.
    /// With AtEnd::hold a match at the very end of the output is not given yet: held() is true then.
    std::optional<Match> search(const PatternSet& set, AtEnd at_end);
    std::optional<Match> search(const PatternSet& set) { return search(set, set.at_end()); }
    /// Did the last search keep back a match that more output could lengthen?
    bool held() const { return held_; }

    /// Takes everything that is buffered.
    std::string take_all();
    /// What is buffered and not consumed.
    std::string_view unconsumed() const { return std::string_view{buffer_}.substr(begin_); }

private:
    struct Progress {
        std::size_t resume = 0;                     // no match begins before this
        std::size_t byte_free = 0;                  // no required byte in [resume, byte_free)
        std::size_t searched_to = TextRange::npos;  // end of the window at the last search
        Pattern::Found found;                       // in buffer_ offsets; valid while searched_to is the window's end
    };

    bool widen(SearchWindow window);
    void slide(SearchWindow window);
    void look(const Pattern& pattern, Progress& progress) const;
    Match consume(const PatternSet& set, std::size_t index);
    void start_over(const PatternSet& set);
    void drop_oldest();
    void shift(std::size_t count);

    std::size_t maxread_;
    Utf8Repair repair_;
    std::string buffer_;            // valid UTF-8; [0, begin_) is consumed
    std::size_t begin_ = 0;         // first unconsumed byte
    std::size_t window_begin_ = 0;  // the searched window; grows by at most maxread characters at a time
    std::size_t window_end_ = 0;
    std::size_t window_characters_ = 0;
    bool held_ = false;
    std::uint64_t set_id_ = 0;  // whose progress this is
    std::vector<Progress> progress_;
};

}  // namespace patchbay
