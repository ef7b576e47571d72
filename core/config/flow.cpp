// SPDX-License-Identifier: Apache-2.0
// One line that JSON parsers and YAML 1.1 parsers read alike, and compact JSON.
#include <array>
#include <cmath>
#include <cstdio>

#include "core/config/base64.hpp"
#include "core/config/python_text.hpp"
#include "core/config/utf8.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::config {
namespace {

/// Bytes that go out as they are. Bytes from 0x80 need a closer look: some of their characters are escaped.
constexpr std::array<bool, 256> plain_bytes = [] {
    std::array<bool, 256> table{};
    for (std::size_t i = 0x20; i < 0x7F; ++i) table[i] = true;
    table['"'] = false;
    table['\\'] = false;
    return table;
}();

void append_u(std::string& out, char32_t code) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += hex[(code >> shift) & 0xF];
}

/// libyaml refuses or folds these when they stand there as themselves.
bool escaped_in_flow(char32_t c) {
    return (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

enum class Blanks { none, after_separators };

/// A number that YAML 1.1 takes for a float needs a point.
std::string number(double value) {
    if (!std::isfinite(value)) return "null";  // JSON has no word for it
    auto text = python_float(value);
    if (text.find('.') == std::string::npos)
        if (const auto e = text.find('e'); e != std::string::npos) text.insert(e, ".0");
    return text;
}

class Writer {
public:
    Writer(std::string& out, Blanks blanks) : out_{out}, blanks_{blanks} {}
    void operator()(std::monostate) { out_ += "null"; }
    void operator()(bool v) { out_ += v ? "true" : "false"; }
    void operator()(std::int64_t v) { out_ += std::to_string(v); }
    void operator()(double v) { out_ += number(v); }
    void operator()(const std::string& v) { append_flow_string(out_, v); }
    void operator()(const Timestamp& v) { append_flow_string(out_, v.text); }
    void operator()(const Binary& v) { append_flow_string(out_, encode_base64(v.bytes)); }
    void operator()(const BigInt& v) { out_ += v.digits; }
    void operator()(const List& v) {
        out_ += '[';
        for (std::size_t i = 0; i < v.size(); ++i) {
            if (i > 0) separate(',');
            std::visit(*this, v[i].storage());
        }
        out_ += ']';
    }
    void operator()(const Map& v) {
        out_ += '{';
        bool first = true;
        for (const auto& entry : v) {
            if (!first) separate(',');
            first = false;
            key(entry.key);
            separate(':');
            std::visit(*this, entry.value.storage());
        }
        out_ += '}';
    }

private:
    void separate(char c) {
        out_ += c;
        if (blanks_ == Blanks::after_separators) out_ += ' ';
    }
    /// json.dumps writes the keys None, True and 1 as "null", "true" and "1".
    void key(const Value& value) {
        if (const auto* text = value.as_string()) return append_flow_string(out_, *text);
        std::string text;
        std::visit(Writer{text, blanks_}, value.storage());
        append_flow_string(out_, text.starts_with('"') ? python_str(value) : text);
    }
    std::string& out_;
    Blanks blanks_;
};

}  // namespace

void append_flow_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t end = at;
        while (end < text.size() && plain_bytes[static_cast<unsigned char>(text[end])]) ++end;
        out.append(text, at, end - at);
        at = end;
        if (at == text.size()) break;
        const auto point = decode_utf8(text, at);
        switch (point.value) {
            case U'"':
                out += "\\\"";
                break;
            case U'\\':
                out += "\\\\";
                break;
            case U'\n':
                out += "\\n";
                break;
            case U'\r':
                out += "\\r";
                break;
            case U'\t':
                out += "\\t";
                break;
            default:
                if (point.value < 0x20 || escaped_in_flow(point.value))
                    append_u(out, point.value);
                else if (point.valid)
                    out.append(text, at, point.length);
                else
                    append_utf8(out, 0xFFFD);
        }
        at += point.length;
    }
    out += '"';
}

std::string dump_flow(const Value& value) {
    std::string out;
    std::visit(Writer{out, Blanks::after_separators}, value.storage());
    return out;
}

std::string dump_json(const Value& value) {
    std::string out;
    std::visit(Writer{out, Blanks::none}, value.storage());
    return out;
}

}  // namespace patchbay::config
