// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/json_writer.hpp"

#include <array>
#include <charconv>

#include "core/config/utf8.hpp"

namespace patchbay {
namespace {

// 0: copied; 1: escaped; 2: perhaps not UTF-8, or U+2028.
constexpr auto kinds = [] {
    std::array<unsigned char, 256> table{};
    for (int byte = 0; byte < 0x20; ++byte) table[static_cast<std::size_t>(byte)] = 1;
    table['"'] = table['\\'] = 1;
    for (std::size_t byte = 0x80; byte < 0x100; ++byte) table[byte] = 2;
    return table;
}();

void append_escape(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        default:
            break;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u00";
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    append_json_text(out, text);
    out += '"';
}

void append_json_text(std::string& out, std::string_view text) {
    std::size_t from = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto kind = kinds[static_cast<unsigned char>(text[at])];
        if (kind == 0) {
            ++at;
            continue;
        }
        if (kind == 2) {
            const auto code = config::decode_utf8(text, at);
            if (code.valid && code.value != 0x2028 && code.value != 0x2029) {
                at += code.length;
                continue;
            }
            out.append(text, from, at - from);
            out += !code.valid ? "\xEF\xBF\xBD" : code.value == 0x2028 ? "\\u2028" : "\\u2029";
            at += code.length;
        } else {
            out.append(text, from, at - from);
            append_escape(out, text[at]);
            ++at;
        }
        from = at;
    }
    out.append(text, from, at - from);
}

void JsonWriter::separate() {
    if (comma_) out_ += ',';
    comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    out_ += bracket;
    comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    append_json_string(out_, name);
    out_ += ':';
    comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
    separate();
    append_json_string(out_, text);
    return *this;
}

JsonWriter& JsonWriter::value(std::int64_t number) {
    separate();
    std::array<char, 24> digits;
    out_.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
    return *this;
}

JsonWriter& JsonWriter::value(WallTime time) {
    separate();
    out_ += '"';
    out_ += format_log_time(time);
    out_ += "Z\"";
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

}  // namespace patchbay
