// SPDX-License-Identifier: Apache-2.0
#include "devices/audio/png.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace patchbay {
namespace {

void put(std::string& bytes, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
}

std::string chunk(std::string_view type, std::string_view content) {
    std::string named{type};
    named += content;
    std::string bytes;
    put(bytes, static_cast<std::uint32_t>(content.size()));
    bytes += named;
    const auto* first = reinterpret_cast<const Bytef*>(named.data());
    put(bytes, static_cast<std::uint32_t>(crc32(0, first, static_cast<uInt>(named.size()))));
    return bytes;
}

std::string compressed(const std::string& bytes) {
    auto size = compressBound(bytes.size());
    std::string packed(size, '\0');
    if (compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                 bytes.size()) != Z_OK) {
        throw std::runtime_error{"zlib cannot compress a picture"};
    }
    packed.resize(size);
    return packed;
}

/// Five rows of three dots, each an octal digit.
std::string_view glyph(char character) {
    constexpr std::string_view digits[] = {"75557", "26227", "71747", "71717", "55711",
                                           "74717", "74757", "71222", "75757", "75717"};
    if (character >= '0' && character <= '9') return digits[character - '0'];
    switch (character) {
        case '-':
            return "00700";
        case '.':
            return "00002";
        case 'k':
            return "45655";
        case 'H':
            return "55755";
        case 'z':
            return "71247";
        case 'd':
            return "11757";
        case 'B':
            return "65656";
        case 'F':
            return "74644";
        case 'S':
            return "34216";
        default:
            return "00000";
    }
}

}  // namespace

Picture::Picture(int width, int height, std::vector<Colour> palette)
    : width_{width},
      height_{height},
      palette_{std::move(palette)},
      dots_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height)) {}

void Picture::dot(int x, int y, std::uint8_t colour) {
    if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
    dots_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)] = colour;
}

std::uint8_t Picture::at(int x, int y) const {
    return dots_.at(static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x));
}

void Picture::line(int x1, int y1, int x2, int y2, std::uint8_t colour) {
    const auto steps = std::max({std::abs(x2 - x1), std::abs(y2 - y1), 1});
    for (int i = 0; i <= steps; ++i) dot(x1 + (x2 - x1) * i / steps, y1 + (y2 - y1) * i / steps, colour);
}

void Picture::text(int x, int y, const std::string& text, std::uint8_t colour) {
    for (const auto character : text) {
        const auto rows = glyph(character);
        for (int row = 0; row < 10; ++row) {  // each dot of the glyph twice as large
            for (int column = 0; column < 6; ++column) {
                const auto bits = rows[static_cast<std::size_t>(row / 2)] - '0';
                if ((bits >> (2 - column / 2) & 1) != 0) dot(x + column, y + row, colour);
            }
        }
        x += text_width;
    }
}

std::string Picture::png() const {
    std::string header;
    put(header, static_cast<std::uint32_t>(width_));
    put(header, static_cast<std::uint32_t>(height_));
    header += {8, 3, 0, 0, 0};  // bits, by palette, deflate, filters, not interlaced
    std::string palette;
    for (const auto& colour : palette_) palette.append(colour.begin(), colour.end());
    std::string rows;
    for (int y = 0; y < height_; ++y) {
        rows.push_back(0);  // no filter
        const auto first = dots_.begin() + static_cast<std::ptrdiff_t>(y) * width_;
        rows.append(first, first + width_);
    }
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("PLTE", palette) + chunk("IDAT", compressed(rows)) +
           chunk("IEND", "");
}

}  // namespace patchbay
