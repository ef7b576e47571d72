// SPDX-License-Identifier: Apache-2.0
#include "devices/audio/wav.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace patchbay {
namespace {

void put(std::string& text, std::uint32_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) text.push_back(static_cast<char>(value >> (8 * i)));
}

double scale_of(SampleFormat format) { return format == SampleFormat::s16 ? 32768.0 : 2147483648.0; }

}  // namespace

std::size_t bytes_of(SampleFormat format) { return format == SampleFormat::s16 ? 2 : 4; }

std::string pcm_of(const Sound& sound, SampleFormat format) {
    std::string pcm;
    const auto size = bytes_of(format);
    const auto scale = scale_of(format);
    pcm.reserve(sound.length() * sound.channels.size() * size);
    for (std::size_t n = 0; n < sound.length(); ++n) {
        for (const auto& channel : sound.channels) {
            const auto value = std::clamp(std::round(channel[n] * scale), -scale, scale - 1);
            put(pcm, static_cast<std::uint32_t>(static_cast<std::int64_t>(value)), size);
        }
    }
    return pcm;
}

Sound sound_of(std::string_view pcm, SampleFormat format, std::size_t channels, int rate) {
    const auto size = bytes_of(format);
    const auto length = channels == 0 ? 0 : pcm.size() / (size * channels);
    Sound sound{rate, std::vector<Samples>(channels, Samples(length))};
    const auto* byte = pcm.data();
    for (std::size_t n = 0; n < length; ++n) {
        for (auto& channel : sound.channels) {
            std::uint32_t value = 0;
            for (std::size_t i = 0; i < size; ++i) {
                // Fewer bits fill the upper ones.
                value |= static_cast<std::uint32_t>(static_cast<unsigned char>(*byte++)) << (8 * (i + 4 - size));
            }
            channel[n] = static_cast<double>(static_cast<std::int32_t>(value)) / scale_of(SampleFormat::s32);
        }
    }
    return sound;
}

std::string wav_of(const Sound& sound) {
    const auto pcm = pcm_of(sound, SampleFormat::s16);
    const auto channels = static_cast<std::uint32_t>(sound.channels.size());
    const auto rate = static_cast<std::uint32_t>(sound.rate);
    std::string wav = "RIFF";
    put(wav, static_cast<std::uint32_t>(36 + pcm.size()), 4);
    wav += "WAVEfmt ";
    put(wav, 16, 4);  // bytes of the description
    put(wav, 1, 2);   // uncompressed
    put(wav, channels, 2);
    put(wav, rate, 4);
    put(wav, rate * channels * 2, 4);
    put(wav, channels * 2, 2);
    put(wav, 16, 2);  // bits a sample
    wav += "data";
    put(wav, static_cast<std::uint32_t>(pcm.size()), 4);
    return wav + pcm;
}

}  // namespace patchbay
