// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdio>
#include <cstdlib>

#include "devices/audio/plot.hpp"
#include "devices/audio/png.hpp"
#include "signals.hpp"

namespace patchbay::testing {
namespace {

TEST(Pcm, GoesAndComesInEachFormat) {
    const Sound sound{8000, {{0, 0.5, -1}, {-0.25, 1.5, 1}}};
    for (const auto format : {SampleFormat::s16, SampleFormat::s32}) {
        const auto bytes = pcm_of(sound, format);
        EXPECT_EQ(bytes.size(), 6 * bytes_of(format));
        const auto back = sound_of(bytes + "x", format, 2, 8000);
        EXPECT_EQ(back.rate, 8000);
        ASSERT_EQ(back.length(), 3u);
        EXPECT_EQ(back.channels[0], (Samples{0, 0.5, -1}));
        EXPECT_EQ(back.channels[1][0], -0.25);
        EXPECT_NEAR(back.channels[1][1], 1, 1e-4) << "louder than full scale is cut off";
        EXPECT_LT(back.channels[1][1], 1);
    }
    EXPECT_EQ(pcm_of({8000, {{0.5}}}, SampleFormat::s16), (std::string{"\x00\x40", 2}));
}

TEST(Wav, HasTheHeaderThatPlayersRead) {
    const auto wav = wav_of({44100, {{0.5, 0}, {0, -1}}});
    ASSERT_EQ(wav.size(), 44u + 8);
    EXPECT_EQ(wav.substr(0, 4), "RIFF");
    EXPECT_EQ(wav.substr(4, 4), std::string("\x2c\x00\x00\x00", 4));
    EXPECT_EQ(wav.substr(8, 8), "WAVEfmt ");
    EXPECT_EQ(wav.substr(20, 4), std::string("\x01\x00\x02\x00", 4));
    EXPECT_EQ(wav.substr(24, 4), std::string("\x44\xac\x00\x00", 4));
    EXPECT_EQ(wav.substr(28, 8), std::string("\x10\xb1\x02\x00\x04\x00\x10\x00", 8));
    EXPECT_EQ(wav.substr(36, 8), std::string("data\x08\x00\x00\x00", 8));
    EXPECT_EQ(wav.substr(44), std::string("\x00\x40\x00\x00\x00\x00\x00\x80", 8));
}

std::uint32_t number(const std::string& bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
    return value;
}

/// The content of each chunk, with its checksum proven.
std::vector<std::pair<std::string, std::string>> chunks(const std::string& png) {
    std::vector<std::pair<std::string, std::string>> found;
    for (std::size_t at = 8; at < png.size();) {
        const auto length = number(png, at);
        const auto checked = png.substr(at + 4, 4 + length);
        const auto sum = crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
        EXPECT_EQ(number(png, at + 8 + length), sum);
        found.emplace_back(checked.substr(0, 4), checked.substr(4));
        at += 12 + length;
    }
    return found;
}

TEST(Png, HoldsThePicture) {
    Picture picture{3, 2, {{255, 255, 255}, {255, 0, 0}}};
    picture.dot(1, 1, 1);
    picture.dot(7, 7, 1);
    picture.line(-1, 0, 5, 0, 1);
    const auto png = picture.png();
    EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
    const auto parts = chunks(png);
    ASSERT_EQ(parts.size(), 4u);
    EXPECT_EQ(parts[0].second, std::string("\0\0\0\3\0\0\0\2\x08\x03\0\0\0", 13));
    EXPECT_EQ(parts[1].second, std::string("\xff\xff\xff\xff\0\0", 6));
    std::string rows(8, 'x');
    auto size = uLongf{rows.size()};
    ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(rows.data()), &size,
                         reinterpret_cast<const Bytef*>(parts[2].second.data()), parts[2].second.size()),
              Z_OK);
    EXPECT_EQ(rows, std::string("\0\1\1\1\0\0\1\0", 8));
    EXPECT_EQ(parts[3].first, "IEND");
}

TEST(SpectrumPlot, IsAPictureOfItsOwnForEachSound) {
    const auto one = spectrum_plot(tone_on_each_channel(2, 0.5, 48000, 48000));
    const auto other = spectrum_plot(tone_on_each_channel(2, 0.05, 48000, 48000));
    EXPECT_EQ(number(one, 16), 960u);
    EXPECT_NE(one, other);
    EXPECT_NO_THROW(spectrum_plot({8000, {{}, Samples(10)}}));
    if (const char* file = std::getenv("PATCHBAY_PLOT")) {
        if (auto* out = std::fopen(file, "wb")) {
            std::fwrite(one.data(), 1, one.size(), out);
            std::fclose(out);
        }
    }
}

}  // namespace
}  // namespace patchbay::testing
