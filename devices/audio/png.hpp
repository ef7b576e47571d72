// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace patchbay {

/// A picture of few colours.
class Picture {
public:
    using Colour = std::array<std::uint8_t, 3>;  ///< red, green, blue

    /// `palette` has 1 to 256 colours; the picture begins in the first of them.
    Picture(int width, int height, std::vector<Colour> palette);

    /// What lies outside of the picture is left out.
    void dot(int x, int y, std::uint8_t colour);
    void line(int x1, int y1, int x2, int y2, std::uint8_t colour);
    /// Digits and what the units of a plot need; other characters are blanks. `x`, `y`: the upper left corner.
    void text(int x, int y, const std::string& text, std::uint8_t colour);
    static constexpr int text_width = 8, text_height = 10;  ///< of a character, in dots

    std::uint8_t at(int x, int y) const;
    int width() const { return width_; }
    int height() const { return height_; }

    /// As a PNG file (ISO 15948), compressed by zlib.
    std::string png() const;

private:
    int width_, height_;
    std::vector<Colour> palette_;
    std::vector<std::uint8_t> dots_;
};

}  // namespace patchbay
