// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "devices/audio/sound.hpp"

namespace patchbay {

/// A WAV file: RIFF, uncompressed, 16 bits a sample. What is louder than full scale is cut off.
std::string wav_of(const Sound& sound);

/// How the card takes and gives samples: signed, interleaved, little-endian.
enum class SampleFormat { s16, s32 };
std::size_t bytes_of(SampleFormat format);
std::string pcm_of(const Sound& sound, SampleFormat format);
/// Incomplete samples at the end are dropped.
Sound sound_of(std::string_view pcm, SampleFormat format, std::size_t channels, int rate);

}  // namespace patchbay
