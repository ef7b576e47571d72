// SPDX-License-Identifier: Apache-2.0
#include "daemon/events/python_json.hpp"

#include <array>
#include <cstdio>

namespace patchbay {
namespace {

constexpr std::uint32_t replacement = 0xFFFD;

/// Takes one character from the front.
std::uint32_t next_character(std::string_view& text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t size = first < 0x80         ? 1
                             : (first >> 5) == 6  ? 2
                             : (first >> 4) == 14 ? 3
                             : (first >> 3) == 30 ? 4
                                                  : 0;
    if (size == 0 || size > text.size()) {
        text.remove_prefix(1);
        return replacement;
    }
    std::uint32_t character = size == 1 ? first : first & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0) != 0x80) {
            text.remove_prefix(i);
            return replacement;
        }
        character = character << 6 | (byte & 0x3FU);
    }
    text.remove_prefix(size);
    constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    return character < least[size] || character > 0x10FFFF || surrogate ? replacement : character;
}

void append_escape(std::string& out, std::uint32_t unit) {
    std::array<char, 8> text;
    std::snprintf(text.data(), text.size(), "\\u%04x", unit & 0xFFFFU);
    out += text.data();
}

void append_character(std::string& out, std::uint32_t character) {
    constexpr std::string_view controls = "\b\f\n\r\t";
    constexpr std::string_view letters = "bfnrt";
    if (character == '"' || character == '\\') {
        out += '\\';
        out += static_cast<char>(character);
    } else if (character >= 0x20 && character < 0x7F) {
        out += static_cast<char>(character);
    } else if (const auto control = controls.find(static_cast<char>(character));
               character < 0x20 && control != std::string_view::npos) {
        out += '\\';
        out += letters[control];
    } else if (character == 0x7F) {
        out += '\x7F';  // Python leaves it
    } else if (character < 0x10000) {
        append_escape(out, character);
    } else {
        append_escape(out, 0xD800 + ((character - 0x10000) >> 10));
        append_escape(out, 0xDC00 + ((character - 0x10000) & 0x3FFU));
    }
}

}  // namespace

void append_python_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) append_character(out, next_character(text));
    out += '"';
}

std::string python_time(WallTime time) {
    auto text = format_log_time(time);
    if (text.ends_with(".000000")) text.resize(text.size() - 7);
    return text;
}

std::string& PythonObject::begin(std::string_view key) {
    if (out_.size() > 1) out_ += ", ";
    append_python_string(out_, key);
    return out_ += ": ";
}

PythonObject& PythonObject::add(std::string_view key, std::string_view text) {
    append_python_string(begin(key), text);
    return *this;
}

PythonObject& PythonObject::add(std::string_view key, std::int64_t number) {
    begin(key) += std::to_string(number);
    return *this;
}

PythonObject& PythonObject::add(std::string_view key, bool flag) {
    begin(key) += flag ? "true" : "false";
    return *this;
}

PythonObject& PythonObject::add_null(std::string_view key) {
    begin(key) += "null";
    return *this;
}

}  // namespace patchbay
