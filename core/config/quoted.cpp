// SPDX-License-Identifier: Apache-2.0
#include "core/config/quoted.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/config/utf8.hpp"

namespace patchbay::config {
namespace {

constexpr std::string_view white = " \t\n";

/// Tag, anchor, and the blanks and comments behind them.
std::string_view without_properties(std::string_view text) {
    while (text.starts_with('!') || text.starts_with('&')) {
        text.remove_prefix(std::min(text.find_first_of(white), text.size()));
        for (;;) {
            text.remove_prefix(std::min(text.find_first_not_of(white), text.size()));
            if (!text.starts_with('#')) break;
            text.remove_prefix(std::min(text.find('\n'), text.size()));
        }
    }
    return text;
}

std::optional<char32_t> letter_escape(char c) {
    constexpr std::array<std::pair<char, char32_t>, 18> letters{{{'0', 0x00},
                                                                 {'a', 0x07},
                                                                 {'b', 0x08},
                                                                 {'t', 0x09},
                                                                 {'\t', 0x09},
                                                                 {'n', 0x0A},
                                                                 {'v', 0x0B},
                                                                 {'f', 0x0C},
                                                                 {'r', 0x0D},
                                                                 {'e', 0x1B},
                                                                 {' ', 0x20},
                                                                 {'"', 0x22},
                                                                 {'/', 0x2F},
                                                                 {'\\', 0x5C},
                                                                 {'N', 0x85},
                                                                 {'_', 0xA0},
                                                                 {'L', 0x2028},
                                                                 {'P', 0x2029}}};
    for (const auto& [letter, code] : letters)
        if (letter == c) return code;
    return std::nullopt;
}

class Reader {
public:
    explicit Reader(std::string_view rest) : quote_{rest.front()}, rest_{rest.substr(1)} {}

    Quoted read() {
        while (!rest_.empty()) {
            const char c = rest_.front();
            if (c == quote_) {
                rest_.remove_prefix(1);
                if (quote_ == '"' || !rest_.starts_with('\'')) {
                    read_.closed = true;
                    return std::move(read_);
                }
                take(1);
            } else if (c == '\\' && quote_ == '"') {
                rest_.remove_prefix(1);
                escape();
            } else if (white.find(c) != std::string_view::npos) {
                fold();
            } else {
                take(1);
            }
        }
        return std::move(read_);
    }

private:
    void take(std::size_t size) {
        read_.text += rest_.substr(0, size);
        rest_.remove_prefix(size);
    }

    void escape() {
        if (rest_.empty()) return;
        const char c = rest_.front();
        rest_.remove_prefix(1);
        if (c == '\n') {
            // The line goes on; empty lines count.
            read_.text.append(skip_white(), '\n');
        } else if (const auto code = letter_escape(c)) {
            append_utf8(read_.text, *code);
        } else if (c == 'x' || c == 'u' || c == 'U') {
            const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
            const auto number = rest_.substr(0, digits);
            std::uint32_t value = 0;
            const auto end = std::from_chars(number.data(), number.data() + number.size(), value, 16).ptr;
            read_.good_escapes = read_.good_escapes && number.size() == digits && end == number.data() + digits;
            append_utf8(read_.text, value);
            rest_.remove_prefix(number.size());
        } else {
            read_.good_escapes = false;
        }
    }

    /// Blanks inside a line stay; one line break is a blank, and of more all but the first stay.
    void fold() {
        const auto blanks = rest_.substr(0, rest_.find_first_not_of(" \t"));
        if (!rest_.substr(blanks.size()).starts_with('\n')) return take(blanks.size());
        const auto breaks = skip_white();
        if (breaks == 1) {
            read_.text += ' ';
        } else {
            read_.text.append(breaks - 1, '\n');
        }
    }

    std::size_t skip_white() {
        const auto size = std::min(rest_.find_first_not_of(white), rest_.size());
        const auto skipped = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return static_cast<std::size_t>(std::count(skipped.begin(), skipped.end(), '\n'));
    }

    char quote_;
    std::string_view rest_;
    Quoted read_;
};

}  // namespace

std::optional<Quoted> read_quoted(std::string_view source) {
    const auto text = without_properties(source);
    if (!text.starts_with('\'') && !text.starts_with('"')) return std::nullopt;
    return Reader{text}.read();
}

}  // namespace patchbay::config
