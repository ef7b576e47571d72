// SPDX-License-Identifier: Apache-2.0
// Values as Python prints them; LAVA's messages and CSV columns are made of str() and repr().
#include "core/config/python_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "core/config/utf8.hpp"
#include "core/config/value.hpp"

namespace patchbay::config {
namespace {

/// What str.isprintable() refuses, without a full Unicode table: controls, separators, surrogates, private use,
/// byte order marks and the non-characters at the end of each plane.
bool printable(char32_t c) {
    if (c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD) return false;
    if (c == 0x1680 || c == 0x180E || (c >= 0x2000 && c <= 0x200F) || (c >= 0x2028 && c <= 0x202F)) return false;
    if ((c >= 0x205F && c <= 0x206F) || c == 0x3000 || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFB)) return false;
    if ((c >= 0xD800 && c <= 0xF8FF) || (c & 0xFFFE) == 0xFFFE || c >= 0xE0000) return false;
    return true;
}

void append_escape(std::string& out, char32_t c) {
    std::array<char, 16> text{};
    const char* format = c <= 0xFF ? "\\x%02x" : c <= 0xFFFF ? "\\u%04x" : "\\U%08x";
    std::snprintf(text.data(), text.size(), format, static_cast<unsigned>(c));
    out += text.data();
}

void append_repr(std::string& out, const Value& value);

struct Repr {
    std::string& out;
    void operator()(std::monostate) const { out += "None"; }
    void operator()(bool v) const { out += v ? "True" : "False"; }
    void operator()(std::int64_t v) const { out += std::to_string(v); }
    void operator()(double v) const { out += python_float(v); }
    void operator()(const std::string& v) const { out += python_repr(std::string_view{v}); }
    void operator()(const List& v) const {
        out += '[';
        for (std::size_t i = 0; i < v.size(); ++i) {
            if (i > 0) out += ", ";
            append_repr(out, v[i]);
        }
        out += ']';
    }
    void operator()(const Map& v) const {
        out += '{';
        bool first = true;
        for (const auto& entry : v) {
            if (!first) out += ", ";
            first = false;
            append_repr(out, entry.key);
            out += ": ";
            append_repr(out, entry.value);
        }
        out += '}';
    }
    void operator()(const Timestamp& v) const {
        out += v.text.size() > 10 ? "datetime.datetime(" : "datetime.date(";
        // The parts of the text that stand for the fields; a zone is rare enough to be printed as it is.
        std::string field;
        bool first = true;
        const auto flush = [&] {
            if (field.empty()) return;
            if (!first) out += ", ";
            first = false;
            out += std::to_string(std::stol(field));
            field.clear();
        };
        for (const char c : v.text.substr(0, 26)) {
            if (c >= '0' && c <= '9') {
                field += c;
            } else {
                flush();
                if (c == '+') break;
            }
        }
        flush();
        out += ')';
    }
    void operator()(const Binary& v) const {
        std::string text;
        const bool doubled = v.bytes.find('\'') != std::string::npos && v.bytes.find('"') == std::string::npos;
        const char quote = doubled ? '"' : '\'';
        for (const char c : v.bytes) {
            const auto byte = static_cast<unsigned char>(c);
            if (c == '\\' || c == quote)
                (text += '\\') += c;
            else if (c == '\n')
                text += "\\n";
            else if (c == '\r')
                text += "\\r";
            else if (c == '\t')
                text += "\\t";
            else if (byte < 0x20 || byte >= 0x7F)
                append_escape(text, byte);
            else
                text += c;
        }
        (((out += 'b') += quote) += text) += quote;
    }
    void operator()(const BigInt& v) const { out += v.digits; }
};

void append_repr(std::string& out, const Value& value) { std::visit(Repr{out}, value.storage()); }

}  // namespace

std::string python_float(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    std::array<char, 40> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
    std::string text{buffer.data(), end};
    const auto e = text.find('e');
    const int exponent = std::stoi(text.substr(e + 1));
    std::string sign;
    std::string digits = text.substr(0, e);
    if (digits[0] == '-') {
        sign = "-";
        digits.erase(0, 1);
    }
    if (digits.size() > 1) digits.erase(1, 1);  // the point
    // Python prints exponents from -4 up to 15 without an 'e'.
    if (exponent < -4 || exponent >= 16) {
        std::string out = sign + digits.substr(0, 1);
        if (digits.size() > 1) out += "." + digits.substr(1);
        std::array<char, 16> tail{};
        std::snprintf(tail.data(), tail.size(), "e%c%02d", exponent < 0 ? '-' : '+', std::abs(exponent));
        return out + tail.data();
    }
    if (exponent < 0) return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() <= whole) return sign + digits + std::string(whole - digits.size(), '0') + ".0";
    return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

std::string python_repr(std::string_view text) {
    const bool doubled = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
    const char quote = doubled ? '"' : '\'';
    std::string out{quote};
    for (std::size_t at = 0; at < text.size();) {
        const auto point = decode_utf8(text, at);
        const char c = text[at];
        if (c == '\\' || c == quote)
            (out += '\\') += c;
        else if (c == '\n')
            out += "\\n";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\t')
            out += "\\t";
        else if (!printable(point.value))
            append_escape(out, point.value);
        else
            append_utf8(out, point.value);
        at += point.length;
    }
    return out += quote;
}

std::string python_repr(const Value& value) {
    std::string out;
    append_repr(out, value);
    return out;
}

std::string python_str(const Value& value) {
    if (const auto* text = value.as_string()) return *text;
    if (const auto* time = std::get_if<Timestamp>(&value.storage())) return time->text;
    return python_repr(value);
}

std::string text_or_empty(const Value* value) {
    return value && !value->is_null() ? python_str(*value) : std::string{};
}

std::string string_or_empty(const Value* value) {
    const auto* text = value ? value->as_string() : nullptr;
    return text ? *text : std::string{};
}

std::string python_strip(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n\v\f");
    if (begin == text.npos) return {};
    return std::string{text.substr(begin, text.find_last_not_of(" \t\r\n\v\f") - begin + 1)};
}

}  // namespace patchbay::config
