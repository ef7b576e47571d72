// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/exports/xml_text.hpp"

#include "core/config/utf8.hpp"

namespace patchbay {
namespace {

bool is_xml_character(char32_t c) {
    return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) ||
           c >= 0x10000;
}

}  // namespace

std::string xml_text(std::string_view text, std::string_view quote, std::string_view replacement) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto code = config::decode_utf8(text, at);
        const auto bytes = text.substr(at, code.length);
        at += code.length;
        if (!is_xml_character(code.value)) {
            out += replacement;
            continue;
        }
        switch (code.value) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += quote;
                break;
            default:
                if (code.valid) {
                    out += bytes;
                } else {
                    config::append_utf8(out, code.value);
                }
        }
    }
    return out;
}

}  // namespace patchbay
