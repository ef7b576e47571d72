// SPDX-License-Identifier: Apache-2.0
#include "core/config/base64.hpp"

#include <algorithm>
#include <cstdint>

namespace patchbay::config {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string encode_base64(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = (group << 8) | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i) {
            const bool padding = at + i > bytes.size();
            out += padding ? '=' : alphabet[(group >> (18 - 6 * i)) & 0x3F];
        }
    }
    return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
    std::string out;
    std::uint32_t group = 0;
    int digits = 0;
    int padding = 0;
    for (const char c : text) {
        if (c == '=') {
            ++padding;
            if (digits >= 2 && digits + padding >= 4) break;
            continue;
        }
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) continue;
        padding = 0;
        group = (group << 6) | static_cast<std::uint32_t>(value);
        if (++digits < 4) continue;
        for (const int shift : {16, 8, 0}) out += static_cast<char>((group >> shift) & 0xFF);
        group = 0;
        digits = 0;
    }
    if (digits == 0) return out;
    if (digits == 1 || digits + padding < 4) return std::nullopt;
    group <<= 6 * (4 - digits);
    out += static_cast<char>((group >> 16) & 0xFF);
    if (digits == 3) out += static_cast<char>((group >> 8) & 0xFF);
    return out;
}

std::size_t count_base64(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return alphabet.find(c) != std::string_view::npos; }));
}

}  // namespace patchbay::config
