// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/echo.hpp"

#include <algorithm>
#include <cctype>

namespace patchbay {
namespace {

/// A console that echoes nothing, or garbage, is believed after so much more than the command.
constexpr std::size_t tolerance = 256;
/// So many characters in a row tell the place in the command where the echo goes on.
constexpr std::size_t landmark = 8;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

/// The end of the terminal sequence that begins at `at` (an ESC).
std::size_t sequence_end(std::string_view text, std::size_t at) {
    auto end = at + 1;
    if (end == text.size()) return end;
    if (text[end] != '[') {
        ++end;  // and the rest of a character of several bytes: what remains is valid UTF-8
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
        return end;
    }
    ++end;
    while (end < text.size() && !(text[end] >= '@' && text[end] <= '~')) ++end;
    return std::min(end + 1, text.size());
}

std::size_t count_matches(const Pattern& pattern, std::string_view text) {
    std::size_t count = 0, from = 0;
    while (from <= text.size()) {
        const auto found = pattern.search(text, from);
        if (!found) break;
        ++count;
        const auto end = found.groups[0].end;
        if (end == found.groups[0].begin) break;  // an empty match is everywhere
        from = end;
    }
    return count;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '\x1b') {
            at = sequence_end(text, at);
            continue;
        }
        if (!is_control(text[at])) plain += text[at];
        ++at;
    }
    return plain;
}

Echo::Echo(std::string typed, const PatternSet& patterns) : typed_{printable(typed)} {
    over_ = typed_.empty();
    hidden_.reserve(patterns.patterns().size());
    for (const auto& pattern : patterns.patterns()) hidden_.push_back(count_matches(pattern, typed_));
}

bool Echo::holds(const Match& match) {
    hear(match.before);
    if (over_ || match.index >= hidden_.size() || hidden_[match.index] == 0) {
        hear(match.text);
        return false;
    }
    --hidden_[match.index];
    hear(match.text);
    return true;
}

bool Echo::half_over(std::string_view more) const {
    auto with_more = *this;
    with_more.hear(more);
    return with_more.echoed_ * 2 >= typed_.size();
}

void Echo::hear(std::string_view output) {
    for (std::size_t at = 0; at < output.size() && !over_;) {
        const char c = output[at];
        if (c == '\x1b') {
            at = sequence_end(output, at);
            continue;
        }
        ++at;
        if (c == '\n' || c == '\r') {
            over_ = echoed_ * 10 >= typed_.size() * 9;
            continue;
        }
        if (is_control(c)) continue;
        ++heard_;
        recent_.erase(0, recent_.size() < landmark ? 0 : 1);
        recent_ += c;
        follow(c);
        if (heard_ > 2 * typed_.size() + tolerance) over_ = true;
    }
}

void Echo::follow(char c) {
    if (echoed_ < typed_.size() && c == typed_[echoed_]) {
        ++echoed_;
        return;
    }
    if (echoed_ + 1 < typed_.size() && c == typed_[echoed_ + 1]) {
        echoed_ += 2;  // one was lost
        return;
    }
    if (recent_.size() < landmark) return;
    const auto place = typed_.find(recent_, echoed_);
    if (place != std::string::npos) echoed_ = place + landmark;  // more were lost
}

}  // namespace patchbay
