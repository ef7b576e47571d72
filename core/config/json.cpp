// SPDX-License-Identifier: Apache-2.0
// A strict JSON reader that keeps marks (RFC 8259; of two equal keys the last wins).
#include <unordered_map>

#include "core/config/number.hpp"
#include "core/config/utf8.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::config {
namespace {

class JsonReader {
public:
    JsonReader(std::string_view text, const YamlLimits& limits) : text_{text}, limits_{limits} {}

    Value document() {
        auto result = value(0);
        blanks();
        if (at_ < text_.size()) fail("nothing more was expected after the value");
        return result;
    }

private:
    [[noreturn]] void fail(const std::string& what) const { throw YamlError{here(), what}; }
    Mark here() const { return {line_, static_cast<int>(at_ - line_start_) + 1}; }
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void blanks() {
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '\n') {
                ++line_;
                line_start_ = at_ + 1;
            } else if (c != ' ' && c != '\t' && c != '\r') {
                return;
            }
        }
    }

    Value value(std::size_t depth) {
        if (depth > limits_.depth) fail("nested deeper than " + std::to_string(limits_.depth) + " levels");
        if (++made_ > limits_.nodes) fail("more than " + std::to_string(limits_.nodes) + " values");
        blanks();
        const Mark mark = here();
        auto made = token(depth);
        made.mark = mark;
        return made;
    }

    Value token(std::size_t depth) {
        switch (peek()) {
            case '{':
                return object(depth);
            case '[':
                return array(depth);
            case '"':
                return Value{string()};
            case 't':
                return word("true", Value{true});
            case 'f':
                return word("false", Value{false});
            case 'n':
                return word("null", Value{});
            default:
                return number();
        }
    }

    Value word(std::string_view spelling, Value meaning) {
        if (text_.substr(at_, spelling.size()) != spelling) fail("a value was expected here");
        at_ += spelling.size();
        return meaning;
    }

    Value number() {
        const auto begin = at_;
        const auto digits = [&] {
            const auto first = at_;
            while (peek() >= '0' && peek() <= '9') ++at_;
            return at_ - first;
        };
        take('-');
        const bool zero = peek() == '0';
        const auto whole = digits();
        if (whole == 0) fail("a value was expected here");
        if (zero && whole > 1) fail("a number does not begin with 0");
        bool real = false;
        if (take('.')) {
            real = true;
            if (digits() == 0) fail("digits were expected after the point");
        }
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            real = true;
            if (peek() == '+' || peek() == '-') ++at_;
            if (digits() == 0) fail("digits were expected after the e");
        }
        const auto text = text_.substr(begin, at_ - begin);
        if (real)
            if (const auto read = read_decimal(text)) return Value{*read};
        if (auto read = read_integer(text); read && !real) return std::move(*read);
        fail("a number with too many digits");
    }

    unsigned hex4() {
        unsigned code = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            const char c = peek();
            unsigned digit = 0;
            if (c >= '0' && c <= '9')
                digit = static_cast<unsigned>(c - '0');
            else if (c >= 'a' && c <= 'f')
                digit = static_cast<unsigned>(c - 'a') + 10;
            else if (c >= 'A' && c <= 'F')
                digit = static_cast<unsigned>(c - 'A') + 10;
            else
                fail("four hexadecimal digits were expected after \\u");
            code = code * 16 + digit;
        }
        return code;
    }

    void escape(std::string& out) {
        const char c = peek();
        ++at_;
        switch (c) {
            case '"':
            case '\\':
            case '/':
                out += c;
                return;
            case 'b':
                out += '\b';
                return;
            case 'f':
                out += '\f';
                return;
            case 'n':
                out += '\n';
                return;
            case 'r':
                out += '\r';
                return;
            case 't':
                out += '\t';
                return;
            case 'u':
                break;
            default:
                --at_;
                fail("an unknown escape");
        }
        char32_t code = hex4();
        if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
            const auto back = at_;
            at_ += 2;
            const char32_t low = hex4();
            if (low >= 0xDC00 && low < 0xE000)
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            else
                at_ = back;
        }
        // A lone surrogate is no character.
        append_utf8(out, code >= 0xD800 && code < 0xE000 ? U'\uFFFD' : code);
    }

    std::string string() {
        take('"');
        std::string out;
        for (;;) {
            if (at_ >= text_.size()) fail("the string does not end");
            const auto byte = static_cast<unsigned char>(text_[at_]);
            if (byte == '"') {
                ++at_;
                return out;
            }
            if (byte == '\\') {
                ++at_;
                escape(out);
            } else if (byte < 0x20) {
                fail("a control character in a string");
            } else {
                const auto point = decode_utf8(text_, at_);
                if (!point.valid) fail("not UTF-8");
                out.append(text_, at_, point.length);
                at_ += point.length;
            }
        }
    }

    Value array(std::size_t depth) {
        take('[');
        List items;
        blanks();
        if (take(']')) return Value{std::move(items)};
        for (;;) {
            items.push_back(value(depth + 1));
            blanks();
            if (take(']')) return Value{std::move(items)};
            if (!take(',')) fail("',' or ']' was expected");
        }
    }

    Value object(std::size_t depth) {
        take('{');
        std::vector<Map::Entry> entries;
        std::unordered_map<std::string, std::size_t> index;
        blanks();
        if (take('}')) return Value{Map{}};
        for (;;) {
            blanks();
            const Mark mark = here();
            if (peek() != '"') fail("a key in double quotes was expected");
            auto key = string();
            blanks();
            if (!take(':')) fail("':' was expected");
            auto content = value(depth + 1);
            const auto [at, fresh] = index.emplace(key, entries.size());
            if (fresh) {
                entries.push_back({Value{std::move(key)}, std::move(content)});
                entries.back().key.mark = mark;
            } else {
                entries[at->second].value = std::move(content);
            }
            blanks();
            if (take('}')) return Value{Map::of_distinct(std::move(entries))};
            if (!take(',')) fail("',' or '}' was expected");
        }
    }

    std::string_view text_;
    const YamlLimits& limits_;
    std::size_t at_ = 0;
    std::size_t made_ = 0;
    int line_ = 1;
    std::size_t line_start_ = 0;
};

}  // namespace

Value parse_json(std::string_view text, const YamlLimits& limits) {
    if (text.size() > limits.bytes)
        throw YamlError{
            {1, 1}, std::to_string(text.size()) + " bytes, more than the " + std::to_string(limits.bytes) + " allowed"};
    return JsonReader{text, limits}.document();
}

}  // namespace patchbay::config
