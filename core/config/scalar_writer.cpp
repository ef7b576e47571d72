// SPDX-License-Identifier: Apache-2.0
#include "core/config/scalar_writer.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include "core/config/utf8.hpp"

namespace patchbay::config {
namespace {

constexpr int line_width = 80;  // PyYAML's default

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Characters that end a line in YAML 1.1; only "\n" stands for itself, the others are escaped.
bool is_break(char32_t c) { return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029; }

/// Is there an indicator in `text` that a reader would take for structure?
bool has_indicator(std::string_view text) {
    if (text.starts_with("---") || text.starts_with("...")) return true;
    constexpr std::string_view at_start = "#,[]{}&*!|>'\"%@`";
    if (at_start.find(text.front()) != std::string_view::npos) return true;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool blank_follows = at + 1 == text.size() || is_blank(text[at + 1]);
        const char c = text[at];
        if (c == ':' && blank_follows) return true;
        if (at == 0 && (c == '?' || c == '-') && blank_follows) return true;
        if (c == '#' && is_blank(text[at - 1])) return true;  // at 0 it was found above
    }
    return false;
}

/// The escape of `code` in double quotes.
std::string escape(char32_t code) {
    constexpr std::array<std::pair<char32_t, char>, 15> letters{{{0x00, '0'},
                                                                 {0x07, 'a'},
                                                                 {0x08, 'b'},
                                                                 {0x09, 't'},
                                                                 {0x0A, 'n'},
                                                                 {0x0B, 'v'},
                                                                 {0x0C, 'f'},
                                                                 {0x0D, 'r'},
                                                                 {0x1B, 'e'},
                                                                 {0x22, '"'},
                                                                 {0x5C, '\\'},
                                                                 {0x85, 'N'},
                                                                 {0xA0, '_'},
                                                                 {0x2028, 'L'},
                                                                 {0x2029, 'P'}}};
    for (const auto& [value, letter] : letters)
        if (value == code) return {'\\', letter};
    std::array<char, 16> text{};
    const auto* format = code <= 0xFF ? "\\x%02X" : code <= 0xFFFF ? "\\u%04X" : "\\U%08X";
    std::snprintf(text.data(), text.size(), format, static_cast<unsigned>(code));
    return text.data();
}

bool stands_for_itself(char32_t c) { return c >= 0x20 && c <= 0x7E; }

}  // namespace

ScalarShape shape_of(std::string_view text) {
    ScalarShape shape;
    if (text.empty()) return shape;
    bool escapes = false;
    bool break_space = false;
    bool space_break = false;
    char32_t before = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = decode_utf8(text, at);
        const bool breaks = is_break(point.value);
        escapes = escapes || (!stands_for_itself(point.value) && point.value != '\n');
        shape.multiline = shape.multiline || breaks;
        break_space = break_space || (point.value == ' ' && is_break(before));
        space_break = space_break || (breaks && before == ' ');
        before = point.value;
        at += point.length;
    }
    const bool padded = text.front() == ' ' || text.back() == ' ';
    shape.plain = !padded && !shape.multiline && !escapes && !has_indicator(text);
    shape.single = !break_space && !space_break && !escapes;
    return shape;
}

void LineWriter::put(std::string_view bytes) {
    out_ += bytes;
    for (const char c : bytes)
        if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++column_;
}

void LineWriter::end_line() {
    out_ += '\n';
    column_ = 0;
}

void LineWriter::blank_before() {
    if (!after_blank_) put(" ");
}

void LineWriter::indent(int columns) {
    if (!only_marks_ || column_ > columns || (column_ == columns && !after_blank_)) end_line();
    while (column_ < columns) put(" ");
    after_blank_ = only_marks_ = true;
}

void LineWriter::mark(std::string_view text) {
    blank_before();
    put(text);
    after_blank_ = false;
}

void LineWriter::word(std::string_view text) {
    blank_before();
    put(text);
    after_blank_ = only_marks_ = false;
}

void LineWriter::colon() {
    put(":");
    after_blank_ = only_marks_ = false;
}

void LineWriter::plain(std::string_view text, int indent_to, Folding folding) {
    word({});
    bool after_space = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool space = text[at] == ' ';
        if (space && folding == Folding::yes && !after_space && column_ > line_width && text[at + 1] != ' ') {
            indent(indent_to);
        } else {
            put(text.substr(at, 1));
        }
        if (!space) only_marks_ = false;
        after_space = space;
    }
    after_blank_ = only_marks_ = false;
}

void LineWriter::single_quoted(std::string_view text, int indent_to, Folding folding) {
    word("'");
    bool after_space = false;
    bool after_break = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == ' ') {
            const bool inside = at > 0 && at + 1 < text.size();
            if (folding == Folding::yes && !after_space && column_ > line_width && inside && text[at + 1] != ' ') {
                indent(indent_to);
            } else {
                put(" ");
            }
            after_space = true;
        } else if (c == '\n') {
            if (!after_break) end_line();
            end_line();
            only_marks_ = after_break = true;
        } else {
            if (after_break) indent(indent_to);
            put(c == '\'' ? "''" : text.substr(at, 1));
            only_marks_ = after_space = after_break = false;
        }
    }
    if (after_break) indent(indent_to);
    put("'");
    after_blank_ = only_marks_ = false;
}

void LineWriter::double_quoted(std::string_view text, int indent_to, Folding folding) {
    word("\"");
    bool after_space = false;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = decode_utf8(text, at);
        const auto next = at + point.length;
        const bool space = point.value == ' ';
        const bool fold = space && folding == Folding::yes && !after_space && column_ > line_width && at > 0;
        if (fold && next < text.size()) {
            indent(indent_to);
            if (text[next] == ' ') put("\\");
        } else if (stands_for_itself(point.value) && point.value != '"' && point.value != '\\') {
            put(text.substr(at, 1));
        } else {
            put(escape(point.value));
        }
        if (!space) only_marks_ = false;
        after_space = space;
        at = next;
    }
    put("\"");
    after_blank_ = only_marks_ = false;
}

void LineWriter::literal(std::string_view text, int indent_to) {
    word("|");
    end_line();
    while (!text.empty()) {
        const auto end = text.find('\n');
        only_marks_ = after_blank_ = true;
        indent(indent_to);
        put(text.substr(0, end));
        text.remove_prefix(end + 1);
        if (!text.empty()) end_line();
    }
    after_blank_ = only_marks_ = false;
}

std::string LineWriter::take() {
    if (column_ > 0) end_line();
    return std::move(out_);
}

}  // namespace patchbay::config
