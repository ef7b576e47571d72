// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/matcher.hpp"

#include <algorithm>

namespace patchbay {
namespace {

// Of Match::before in an unlimited window: a whole trace of a kernel, and not more than a record of the journal can
// hold.
constexpr std::size_t max_message = 128 * 1024;

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The offset `count` characters after `from`, at most the end; `count` becomes the number of characters passed.
std::size_t advance(std::string_view text, std::size_t from, std::size_t& count) {
    std::size_t passed = 0;
    while (from < text.size() && passed < count) {
        ++from;
        while (from < text.size() && continues_character(text[from])) ++from;
        ++passed;
    }
    count = passed;
    return from;
}

std::uint64_t next_set_id() {
    static std::uint64_t last = 0;
    return ++last;
}

}  // namespace

PatternSet::PatternSet(std::vector<Pattern> patterns, SearchWindow window, AtEnd at_end)
    : patterns_{std::move(patterns)}, window_{window}, at_end_{at_end}, id_{next_set_id()} {}

PatternSet PatternSet::of(const std::vector<std::string>& expressions, SearchWindow window, AtEnd at_end) {
    std::vector<Pattern> patterns;
    patterns.reserve(expressions.size());
    for (const auto& expression : expressions) patterns.emplace_back(expression);
    return PatternSet{std::move(patterns), window, at_end};
}

const std::string* Match::group(std::string_view name) const {
    for (const auto& group : groups) {
        if (group.name == name && group.value) return &*group.value;
    }
    return nullptr;
}

const std::string* Match::group(std::size_t number) const {
    if (number == 0) return &text;
    if (number > groups.size() || !groups[number - 1].value) return nullptr;
    return &*groups[number - 1].value;
}

void Matcher::feed(std::string_view bytes) {
    repair_.feed(bytes, buffer_);
    drop_oldest();
}

std::optional<Match> Matcher::search(const PatternSet& set, AtEnd at_end) {
    held_ = false;
    if (set.id() != set_id_) start_over(set);
    slide(set.window());
    // First what earlier searches have had in their window, then more of the output, one read at a time.
    do {
        std::size_t best = progress_.size();
        for (std::size_t i = 0; i < progress_.size(); ++i) {
            look(set.patterns()[i], progress_[i]);
            const auto& found = progress_[i].found;
            if (found && (best == progress_.size() || found.groups[0].begin < progress_[best].found.groups[0].begin)) {
                best = i;
            }
        }
        if (best == progress_.size()) continue;
        const bool touches_end = progress_[best].found.groups[0].end == window_end_;
        if (!touches_end || (window_end_ == buffer_.size() && at_end == AtEnd::take)) return consume(set, best);
        held_ = window_end_ == buffer_.size();
    } while (widen(set.window()));
    return std::nullopt;
}

std::string Matcher::take_all() {
    std::string all = buffer_.substr(begin_);
    shift(buffer_.size());
    return all;
}

// Takes one more read into the window; false when all output is in it.
bool Matcher::widen(SearchWindow window) {
    if (window_end_ == buffer_.size()) return false;
    std::size_t count = maxread_;
    window_end_ = advance(buffer_, window_end_, count);
    window_characters_ += count;
    slide(window);
    return true;
}

void Matcher::slide(SearchWindow window) {
    if (window == SearchWindow::unlimited) {
        if (window_end_ - window_begin_ <= max_window) return;
        // Half of it at once, so that a flood does not move it with every read.
        const auto target = window_end_ - max_window / 2;
        while (window_begin_ < target || continues_character(buffer_[window_begin_])) {
            window_characters_ -= !continues_character(buffer_[window_begin_]);
            ++window_begin_;
        }
    } else if (window_characters_ > 2 * maxread_) {
        std::size_t excess = window_characters_ - 2 * maxread_;
        window_begin_ = advance(buffer_, window_begin_, excess);
        window_characters_ -= excess;
    }
    if (window_begin_ - begin_ > 2 * max_before) {
        begin_ = window_begin_ - max_before;
        while (continues_character(buffer_[begin_])) ++begin_;
    }
    if (begin_ > max_before && begin_ > buffer_.size() / 2) shift(begin_);
}

void Matcher::look(const Pattern& pattern, Progress& progress) const {
    if (progress.searched_to == window_end_) return;
    const auto from = std::max(progress.resume, window_begin_);
    if (const auto byte = pattern.required_byte()) {
        const auto start = std::max(from, progress.byte_free);
        const auto fresh = std::string_view{buffer_}.substr(start, window_end_ - start);
        if (fresh.find(*byte) == std::string_view::npos) {
            progress.byte_free = window_end_;
            progress.searched_to = window_end_;
            return;
        }
    }
    const auto window = std::string_view{buffer_}.substr(window_begin_, window_end_ - window_begin_);
    progress.found = pattern.search(window, from - window_begin_);
    progress.searched_to = window_end_;
    progress.byte_free = 0;
    for (auto& group : progress.found.groups) {
        if (group.begin == TextRange::npos) continue;
        group.begin += window_begin_;
        group.end += window_begin_;
    }
    progress.resume = progress.found ? progress.found.groups[0].begin : progress.found.resume + window_begin_;
}

Match Matcher::consume(const PatternSet& set, std::size_t index) {
    const auto found = std::move(progress_[index].found);
    progress_[index].found = {};
    const auto whole = found.groups[0];
    const auto& names = set.patterns()[index].group_names();

    Match match;
    match.index = index;
    const auto most = set.window() == SearchWindow::unlimited ? max_message : max_before;
    const auto before_begin = whole.begin - begin_ > most ? whole.begin - most : begin_;
    match.before = buffer_.substr(before_begin, whole.begin - before_begin);
    match.before.erase(
        0, std::find_if_not(match.before.begin(), match.before.end(), continues_character) - match.before.begin());
    match.text = buffer_.substr(whole.begin, whole.end - whole.begin);
    for (std::size_t i = 1; i < found.groups.size(); ++i) {
        const auto [begin, end] = found.groups[i];
        auto& group = match.groups.emplace_back(Match::Group{names[i], std::nullopt});
        if (begin != TextRange::npos) group.value = buffer_.substr(begin, end - begin);
    }

    if (whole.end > window_begin_) {
        window_characters_ -=
            count_characters(std::string_view{buffer_}.substr(window_begin_, whole.end - window_begin_));
    }
    begin_ = window_begin_ = whole.end;
    for (std::size_t i = 0; i < progress_.size(); ++i) {
        auto& progress = progress_[i];
        // What was learned about the text that remains stays true, unless the pattern looks at what stood before.
        const bool stale =
            set.patterns()[i].looks_back() || i == index || (progress.found && progress.found.groups[0].begin < begin_);
        if (stale) progress = {};
    }
    return match;
}

void Matcher::start_over(const PatternSet& set) {
    set_id_ = set.id();
    progress_.assign(set.patterns().size(), {});
}

void Matcher::drop_oldest() {
    if (buffer_.size() - begin_ > max_unsearched) {
        auto excess = buffer_.size() - max_unsearched / 2;
        while (excess < buffer_.size() && continues_character(buffer_[excess])) ++excess;
        shift(excess);
    }
}

// Forgets the first `count` bytes.
void Matcher::shift(std::size_t count) {
    const auto less = [count](std::size_t offset) { return offset > count ? offset - count : 0; };
    if (window_begin_ < count) {
        const auto gone = std::min(count, window_end_) - std::min(window_begin_, window_end_);
        window_characters_ -= count_characters(std::string_view{buffer_}.substr(window_begin_, gone));
    }
    buffer_.erase(0, count);
    begin_ = less(begin_);
    window_begin_ = less(window_begin_);
    window_end_ = less(window_end_);
    for (auto& progress : progress_) {
        if (progress.found && progress.found.groups[0].begin < count) progress.found = {};
        for (auto& group : progress.found.groups) {
            if (group.begin != TextRange::npos) group = {group.begin - count, group.end - count};
        }
        progress.resume = less(progress.resume);
        progress.byte_free = less(progress.byte_free);
        if (progress.searched_to != TextRange::npos) progress.searched_to = less(progress.searched_to);
    }
}

}  // namespace patchbay
