// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"

#include <algorithm>
#include <charconv>

namespace patchbay {
namespace {

bool is_plain(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

}  // namespace

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

std::string lower_case(std::string_view text) {
    std::string out{text};
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string upper_case(std::string_view text) {
    std::string out{text};
    for (auto& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

bool is_plain_name(std::string_view text) {
    if (text.empty() || text.size() > 255 || text == "." || text == "..") return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return c != '~' && is_plain(c); });
}

std::string percent_encode(std::string_view text, Blank blank) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() + text.size() / 2);
    for (const char c : text) {
        if (is_plain(c)) {
            out += c;
        } else if (c == ' ' && blank == Blank::as_plus) {
            out += '+';
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

bool is_mail_address(std::string_view text) {
    const auto at = text.find('@');
    constexpr std::string_view forbidden = "<>()[],;:\\\"@";
    const auto fits = [&](std::string_view part) {
        for (const char c : part)
            if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || forbidden.find(c) != std::string_view::npos)
                return false;
        return !part.empty();
    };
    return text.size() <= 254 && at != std::string_view::npos && fits(text.substr(0, at)) && fits(text.substr(at + 1));
}

}  // namespace patchbay
