// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sim_sound.hpp"

#include <algorithm>

#include "core/clock.hpp"
#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "devices/audio/tones.hpp"
#include "devices/audio/wav.hpp"

namespace patchbay::testing {

Task<unsigned> SimSound::use() {
    ++uses;
    if (!fails.empty()) throw InfrastructureError{fails};
    if (never_ends) co_await sleep_for(std::chrono::hours{10});
    co_return busy > 0 ? busy-- : 0;
}

Samples SimSound::through(const Samples& samples, std::size_t length, int rate) const {
    const auto humming = sine(3 * 997, hum, samples.size(), rate);
    Samples heard(length, 0.0);
    for (std::size_t i = 0; i < samples.size() && i + delay < length; ++i) {
        if (i >= drop_at && i < drop_at + drop_length) continue;
        heard[i + delay] = std::clamp(gain * samples[i] + humming[i], -clip_at, clip_at);
    }
    // As a card of 16 bits hands it over.
    const Sound one{rate, {heard}};
    return sound_of(pcm_of(one, SampleFormat::s16), SampleFormat::s16, 1, rate).channels.front();
}

Task<Audio::Played> SimSound::play(Sound sound) {
    const auto xruns = co_await use();
    played = std::move(sound);
    Played done;
    done.xruns = xruns;
    co_return done;
}

Task<Audio::Captured> SimSound::capture(std::chrono::milliseconds length, std::size_t channels, int rate) {
    Captured captured;
    captured.xruns = co_await use();
    captured.sound.rate = rate;
    const auto samples = static_cast<std::size_t>(length.count() * rate / 1000);
    for (std::size_t i = 0; i < channels; ++i) {
        captured.sound.channels.push_back(i < board.channels.size() ? board.channels[i] : Samples{});
        captured.sound.channels.back().resize(samples);
    }
    co_return std::move(captured);
}

Task<Audio::Looped> SimSound::loop(Sound sound, std::chrono::milliseconds after) {
    Looped looped;
    looped.captured.xruns = co_await use();
    const auto length = sound.length() + static_cast<std::size_t>(after.count() * sound.rate / 1000);
    looped.captured.sound.rate = sound.rate;
    for (const auto& channel : sound.channels)
        looped.captured.sound.channels.push_back(through(channel, length, sound.rate));
    auto& heard = looped.captured.sound.channels;
    if (swapped) std::swap(heard.at(0), heard.at(1));
    looped.captured_after_played = std::chrono::nanoseconds{0};
    played = std::move(sound);
    co_return std::move(looped);
}

}  // namespace patchbay::testing
