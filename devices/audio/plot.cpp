// SPDX-License-Identifier: Apache-2.0
#include "devices/audio/plot.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "devices/audio/png.hpp"
#include "devices/audio/spectrum.hpp"
#include "devices/audio/tones.hpp"

namespace patchbay {
namespace {

constexpr int left = 60, right = 20, top = 20, bottom = 30, width = 960, height = 480;
constexpr double lowest = -140;  // dBFS
constexpr double from_hertz = 20;
enum Ink : std::uint8_t { paper, grid, ink, first_channel };

class Axes {
public:
    Axes(Picture& picture, double to_hertz) : picture_{picture}, decades_{std::log10(to_hertz / from_hertz)} {}

    int x(double hertz) const {
        return left + static_cast<int>(std::lround(std::log10(hertz / from_hertz) / decades_ * (width - left - right)));
    }
    int y(double dbfs) const {
        const auto share = std::clamp(dbfs / lowest, 0.0, 1.0);
        return top + static_cast<int>(std::lround(share * (height - top - bottom)));
    }

    void draw(double to_hertz) {
        for (int level = 0; level >= lowest; level -= 20) {
            picture_.line(left, y(level), width - right, y(level), grid);
            const auto label = std::to_string(level) + (level == 0 ? " dBFS" : "");
            const auto wide = Picture::text_width * static_cast<int>(label.size());
            picture_.text(level == 0 ? 4 : left - 4 - wide, y(level) - (level == 0 ? 16 : 5), label, ink);
        }
        for (int decade = 10; decade <= 100000; decade *= 10) {
            for (const int factor : {1, 2, 5}) {
                const auto hertz = decade * factor;
                if (hertz < from_hertz || hertz > to_hertz) continue;
                picture_.line(x(hertz), top, x(hertz), height - bottom, grid);
                const auto label = hertz < 1000 ? std::to_string(hertz) : std::to_string(hertz / 1000) + "k";
                const auto wide = Picture::text_width * static_cast<int>(label.size());
                picture_.text(x(hertz) - wide / 2, height - bottom + 8, label, ink);
            }
        }
        picture_.text(width - 18, height - bottom + 8, "Hz", ink);
    }

private:
    Picture& picture_;
    double decades_;
};

void draw_channel(Picture& picture, const Axes& axes, const Spectrum& spectrum, std::uint8_t colour) {
    int last_x = -1, last_y = 0;
    for (std::size_t bin = 1; bin < spectrum.amplitudes.size(); ++bin) {
        const auto hertz = spectrum.bin * static_cast<double>(bin);
        if (hertz < from_hertz) continue;
        const auto x = axes.x(hertz), y = axes.y(dbfs_of(spectrum.amplitudes[bin]));
        if (last_x >= 0) picture.line(last_x, last_y, x, y, colour);
        last_x = x;
        last_y = y;
    }
}

}  // namespace

std::string spectrum_plot(const Sound& sound) {
    // Blue and orange first: they are told apart by everybody.
    Picture picture{width,
                    height,
                    {{255, 255, 255},
                     {216, 216, 216},
                     {64, 64, 64},
                     {0, 90, 200},
                     {230, 120, 0},
                     {0, 140, 90},
                     {180, 40, 120},
                     {110, 80, 200},
                     {120, 120, 0},
                     {0, 160, 190},
                     {200, 40, 40}}};
    constexpr std::size_t colours = 8;
    const auto to_hertz = sound.rate / 2.0;
    Axes axes{picture, to_hertz};
    axes.draw(to_hertz);
    for (auto i = sound.channels.size(); i-- > 0;) {  // the first is drawn last: on top
        draw_channel(picture, axes, spectrum_of(sound.channels[i], sound.rate, 16384),
                     static_cast<std::uint8_t>(first_channel + i % colours));
    }
    return picture.png();
}

}  // namespace patchbay
