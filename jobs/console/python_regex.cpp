// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/python_regex.hpp"

#include <algorithm>
#include <cstdio>

namespace patchbay {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_octal(char c) { return c >= '0' && c <= '7'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class Translator {
public:
    Translator(std::string_view in, LineEnd line_end) : in_{in}, line_end_{line_end} {}

    TranslatedRegex run() {
        while (at_ < in_.size()) {
            const char c = in_[at_];
            if (c == '\\') {
                escape();
            } else if (in_class_) {
                class_character(c);
            } else {
                character(c);
            }
        }
        if (in_class_) throw RegexSyntaxError{"unterminated character set", class_start_};
        return std::move(result_);
    }

private:
    char peek(std::size_t ahead) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }
    std::string& out() { return result_.pcre; }
    void copy(std::size_t count) {
        out().append(in_.substr(at_, count));
        at_ += count;
    }
    void code_point(unsigned long value) {
        char text[24];
        std::snprintf(text, sizeof text, "\\x{%lx}", value);
        out() += text;
    }

    void character(char c) {
        if (verbose_ && c == '#') {
            while (at_ < in_.size() && in_[at_] != '\n') ++at_;
        } else if (c == '[') {
            in_class_ = true;
            class_start_ = at_;
            copy(peek(1) == '^' ? 2 : 1);
            if (peek(0) == ']') {  // a ] at the beginning is a member
                out() += "\\]";
                ++at_;
            }
        } else if (c == '(') {
            group();
        } else if (c == '{') {
            braces();
        } else if (c == '$' && line_end_ == LineEnd::any_carriage_returns) {
            out() += "(?=\\r*$)";
            ++at_;
        } else {
            if (c == '^') result_.depends_on_start = true;
            copy(1);
        }
    }

    void class_character(char c) {
        if (c == ']') in_class_ = false;
        if (c == '[') out() += '\\';  // no POSIX classes in Python
        copy(1);
    }

    // {,n} is {0,n} for Python; what is no quantifier is text for both.
    void braces() {
        const auto digits = [&](std::size_t from) {
            std::size_t n = 0;
            while (is_digit(peek(from + n))) ++n;
            return n;
        };
        if (peek(1) == ',' && peek(2 + digits(2)) == '}') {
            out() += "{0";
            ++at_;
        } else {
            copy(1);
        }
    }

    void group() {
        if (peek(1) == '*') throw RegexSyntaxError{"nothing to repeat", at_ + 1};
        if (peek(1) != '?') return copy(1);
        switch (peek(2)) {
            case ':':
            case '=':
            case '!':
            case '>':
            case '(':
                return copy(3);
            case '#': {
                const auto end = in_.find(')', at_);
                if (end == in_.npos) throw RegexSyntaxError{"missing ), unterminated comment", at_};
                at_ = end + 1;
                return;
            }
            case '<':
                if (peek(3) == '=' || peek(3) == '!') return copy(4);
                throw RegexSyntaxError{std::string{"unknown extension ?<"} + peek(3), at_ + 1};
            case 'P':
                if (peek(3) == '<' || peek(3) == '=') return copy(4);
                throw RegexSyntaxError{std::string{"unknown extension ?P"} + peek(3), at_ + 1};
            default:
                return flags();
        }
    }

    void flags() {
        const auto start = at_;
        std::string on, off;
        bool negative = false;
        at_ += 2;
        for (; at_ < in_.size() && in_[at_] != ')' && in_[at_] != ':'; ++at_) {
            const char c = in_[at_];
            if (c == '-' && !negative) {
                negative = true;
            } else if (c == 'L') {
                throw RegexSyntaxError{"bad inline flags: cannot use 'L' flag with a str pattern", at_};
            } else if (std::string_view{"imsx"}.find(c) != std::string_view::npos) {
                (negative ? off : on) += c;
                if (c == 'i') result_.ignores_case = true;
            } else if ((c == 'a' || c == 'u') && !negative) {
                if (c == 'a' && start == 0) result_.ascii = true;
            } else {
                throw RegexSyntaxError{std::string{"unknown extension ?"} + peek_text(start + 2), start + 1};
            }
        }
        if (at_ == in_.size()) throw RegexSyntaxError{"missing -, : or )", at_};
        const bool global = in_[at_] == ')';
        if (global && (negative || at_ == start + 2)) throw RegexSyntaxError{"missing :", at_};
        if (global && start != 0) throw RegexSyntaxError{"global flags not at the start of the expression", start};
        if (global && on.find('x') != on.npos) verbose_ = true;
        ++at_;
        if (global && on.empty()) return;
        out() += "(?" + on + (off.empty() ? "" : "-" + off) + (global ? ")" : ":");
    }

    std::string peek_text(std::size_t at) const { return std::string{in_.substr(std::min(at, in_.size()), 1)}; }

    unsigned long hex(std::size_t digits, std::string_view name) {
        const auto text = in_.substr(std::min(at_ + 2, in_.size()), digits);
        if (text.size() < digits || !std::all_of(text.begin(), text.end(), is_hex)) {
            throw RegexSyntaxError{"incomplete escape \\" + std::string{name}, at_};
        }
        at_ += 2 + digits;
        return std::stoul(std::string{text}, nullptr, 16);
    }

    void escape() {
        if (at_ + 1 == in_.size()) throw RegexSyntaxError{"bad escape (end of pattern)", at_};
        const char c = in_[at_ + 1];
        if (c == 'x') return code_point(hex(2, "x"));
        if (c == 'u') return unicode(4, "u");
        if (c == 'U') return unicode(8, "U");
        if (c == 'v') {  // PCRE2's \v is a class of characters
            out() += "\\x0b";
            at_ += 2;
            return;
        }
        if (is_digit(c)) return number();
        if (c == 'Z' && !in_class_) {
            out() += "\\z";
            at_ += 2;
            return;
        }
        if (is_letter(c)) {
            const std::string_view known = in_class_ ? "abdDfnrsStwW" : "AabBdDfnrsStwW";
            if (known.find(c) == known.npos) throw RegexSyntaxError{std::string{"bad escape \\"} + c, at_};
            if (c == 'A') result_.depends_on_start = true;
        }
        copy(2);
    }

    void unicode(std::size_t digits, std::string_view name) {
        const auto where = at_;
        const auto value = hex(digits, name);
        if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
            throw RegexSyntaxError{"bad escape \\" + std::string{name}, where};
        }
        code_point(value);
    }

    // \0, \012 and three octal digits are characters, other numbers are back-references (in a class: octal only).
    void number() {
        std::size_t digits = 1;
        while (digits < 3 && is_octal(peek(1 + digits))) ++digits;
        const bool octal = is_octal(peek(1)) && (peek(1) == '0' || digits == 3 || in_class_);
        if (octal) {
            const auto value = std::stoul(std::string{in_.substr(at_ + 1, digits)}, nullptr, 8);
            if (value > 0377) throw RegexSyntaxError{"octal escape value outside of range 0-0o377", at_};
            code_point(value);
            at_ += 1 + digits;
            return;
        }
        if (in_class_) throw RegexSyntaxError{std::string{"bad escape \\"} + peek(1), at_};
        digits = is_digit(peek(2)) ? 2 : 1;
        out() += "\\g{" + std::string{in_.substr(at_ + 1, digits)} + "}";
        at_ += 1 + digits;
    }

    std::string_view in_;
    LineEnd line_end_;
    std::size_t at_ = 0;
    TranslatedRegex result_;
    bool in_class_ = false;
    std::size_t class_start_ = 0;
    bool verbose_ = false;
};

}  // namespace

TranslatedRegex translate_python_regex(std::string_view expression, LineEnd line_end) {
    return Translator{expression, line_end}.run();
}

}  // namespace patchbay
