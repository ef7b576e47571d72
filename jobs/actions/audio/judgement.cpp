// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/audio/judgement.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "devices/audio/measure.hpp"
#include "devices/audio/tones.hpp"

namespace patchbay {
namespace {

using Signal = AudioStep::Signal;

/// What was measured of one channel, by name.
struct Heard {
    std::map<std::string_view, double> values;
    std::map<std::string_view, std::string> notes;  ///< what a failing value does not say itself
    std::string nothing;                            ///< why the rest has no value
    bool mixed = false;                             ///< of a channel-map: several channels at once
};

/// "-6.02", without needless zeros.
std::string text_of(double value) {
    char text[48];
    std::snprintf(text, sizeof text, "%.4f", value);
    std::string trimmed{text};
    trimmed.erase(trimmed.find_last_not_of('0') + 1);
    if (trimmed.ends_with('.')) trimmed.pop_back();
    return trimmed == "-0" ? "0" : trimmed;
}

std::string seconds_text(std::size_t samples, int rate) {
    char text[48];
    std::snprintf(text, sizeof text, "%.4f s", static_cast<double>(samples) / rate);
    return text;
}

std::size_t samples_of(const AudioStep& step) {
    return static_cast<std::size_t>(step.length.count() * step.rate / 1000);
}

/// Drop-outs, and a tone that began late or ended early, which is one more. In noise its ends are known within some
/// periods.
void note_drop_outs(const AudioStep& step, const ContinuousTone& tone, Heard& heard) {
    auto count = tone.glitches.size();
    std::string note;
    for (const auto& glitch : tone.glitches) {
        if (note.size() > 200) break;
        note += (note.empty() ? "" : ", ") + seconds_text(glitch.length, step.rate) + " at " +
                seconds_text(glitch.at, step.rate);
    }
    const auto lasted = tone.ends - tone.begins;
    const auto tolerance = static_cast<std::size_t>(step.rate * std::max(0.01, 10 / step.frequency));
    if (lasted + tolerance < samples_of(step)) {
        ++count;
        note += (note.empty() ? "" : ", ") + std::string{"the tone lasted "} + seconds_text(lasted, step.rate) +
                " instead of " + seconds_text(samples_of(step), step.rate);
    }
    heard.values["drop_outs"] = static_cast<double>(count);
    heard.notes["drop_outs"] = note;
}

Heard hear_tone(const AudioStep& step, const Samples& samples) {
    Heard heard;
    const auto tone = measure_tone(samples, step.rate);
    if (!tone) {
        heard.nothing = "no tone was heard, only " + text_of(noise_level(samples)) + " dBFS of noise";
        return heard;
    }
    heard.values = {{"frequency", tone->frequency}, {"level", tone->level}, {"thd", tone->thd},
                    {"thd_n", tone->thd_n},         {"snr", tone->snr},     {"noise", tone->noise}};
    // A tone that was cut off below full scale has no sample there: it is told as one.
    heard.values["clipped"] = static_cast<double>(std::max<std::size_t>(tone->clipped, tone->flat_topped ? 1 : 0));
    if (tone->flat_topped) heard.notes["clipped"] = "the tops of the tone are cut off";
    note_drop_outs(step, tone->continuity, heard);
    return heard;
}

Heard hear_source(const ChannelSource& source) {
    Heard heard;
    heard.values["source"] = source.source ? static_cast<double>(*source.source + 1) : 0;
    if (source.source) {
        heard.values["level"] = source.level;
        heard.values["crosstalk"] = source.crosstalk;
    } else {
        heard.nothing = "no channel's tone was heard alone";
        heard.mixed = source.mixed;
        heard.notes["source"] = source.mixed ? "a mixture of channels" : "silence";
    }
    return heard;
}

Heard hear_sweep(const AudioStep& step, const Audio::Looped& looped, const Samples& samples, const Samples& played) {
    Heard heard;
    const auto arrival = find_arrival(samples, played);
    if (!arrival) {
        heard.nothing = "the sweep was not heard, only " + text_of(noise_level(samples)) + " dBFS";
        return heard;
    }
    heard.values["polarity"] = arrival->inverted ? -1 : 1;
    if (looped.captured_after_played) {
        const auto begun = std::chrono::duration<double>{*looped.captured_after_played}.count();
        heard.values["latency"] = 1000 * (arrival->at / step.rate + begun);
    } else {
        heard.nothing = "the sound card does not tell when it began";
    }
    return heard;
}

/// From where the sound is loud to where it last is, without 10 ms at both ends: the silence around it would make it
/// quieter than it is, and its edges are no tones.
Sound loud_part(const Sound& sound) {
    double peak = 0;
    for (const auto& channel : sound.channels)
        for (const auto sample : channel) peak = std::max(peak, std::abs(sample));
    auto from = sound.length(), to = std::size_t{0};
    for (const auto& channel : sound.channels) {
        for (std::size_t i = 0; i < channel.size(); ++i) {
            if (std::abs(channel[i]) < peak / 2) continue;
            from = std::min(from, i);
            to = std::max(to, i + 1);
        }
    }
    const auto edge = static_cast<std::size_t>(sound.rate / 100);
    if (to < from + 4 * edge) return sound;
    Sound part{sound.rate, {}};
    for (const auto& channel : sound.channels) {
        part.channels.emplace_back(channel.begin() + static_cast<std::ptrdiff_t>(from + edge),
                                   channel.begin() + static_cast<std::ptrdiff_t>(to - edge));
    }
    return part;
}

std::vector<Heard> hear(const AudioStep& step, const Audio::Looped& looped) {
    const auto& sound = looped.captured.sound;
    std::vector<Heard> heard;
    if (step.signal == Signal::channel_map) {
        for (const auto& source : map_channels(loud_part(sound), channel_tones(step.channels)))
            heard.push_back(hear_source(source));
        return heard;
    }
    const auto played = sound_of(step);
    for (std::size_t i = 0; i < sound.channels.size(); ++i) {
        const auto& samples = sound.channels[i];
        if (step.signal == Signal::tone) heard.push_back(hear_tone(step, samples));
        if (step.signal == Signal::sweep) heard.push_back(hear_sweep(step, looped, samples, played.channels[i]));
        if (step.signal == Signal::silence) {
            heard.emplace_back();
            heard.back().values["noise"] = noise_level(samples);
        }
    }
    return heard;
}

/// Why the value is not within; empty: it is.
std::string complaint(double value, const AudioLimit& limit, const std::string& units) {
    const auto is = text_of(value) + " " + units + " is ";
    if (limit.min && value < *limit.min) return is + "below the limit of " + text_of(*limit.min) + " " + units;
    if (limit.max && value > *limit.max) return is + "above the limit of " + text_of(*limit.max) + " " + units;
    return {};
}

/// Does the map want nothing on this channel, which is what was heard? Then it has no level and no crosstalk either.
bool is_rightly_silent(const AudioStep& step, std::size_t channel, const Heard& heard) {
    return step.signal == Signal::channel_map && step.map.at(channel) == 0 && heard.values.at("source") == 0 &&
           !heard.mixed;
}

AudioCase judge_one(const AudioStep& step, const AudioMeasurement& what, std::size_t channel, const Heard& heard) {
    AudioCase result;
    result.name = "channel" + std::to_string(channel + 1) + "-" + std::string{what.name};
    result.units = what.units;
    const auto value = heard.values.find(what.name);
    if (value == heard.values.end()) {
        result.passed = is_rightly_silent(step, channel, heard);
        if (!result.passed) result.reason = heard.nothing;
        return result;
    }
    result.measurement = value->second;
    auto limit = step.limits.find(what.name);
    AudioLimit expected;
    if (limit != step.limits.end()) expected = limit->second;
    if (what.name == "source" && limit == step.limits.end()) {
        const auto source = static_cast<double>(step.map.at(channel));
        expected = {source, source};
    }
    result.reason = complaint(value->second, expected, result.units);
    // Its source is 0 as that of silence, which is not what a 0 in the map wants.
    if (what.name == "source" && heard.mixed && limit == step.limits.end() && result.reason.empty())
        result.reason = "the map wants silence";
    result.passed = result.reason.empty();
    const auto note = heard.notes.find(what.name);
    if (!result.passed && note != heard.notes.end() && !note->second.empty()) result.reason += ": " + note->second;
    return result;
}

}  // namespace

Sound sound_of(const AudioStep& step) {
    const auto length = samples_of(step);
    const auto amplitude = amplitude_of(step.level);
    switch (step.signal) {
        case Signal::tone:
            return {step.rate, std::vector(step.channels, sine(step.frequency, amplitude, length, step.rate))};
        case Signal::channel_map:
            return tone_on_each_channel(step.channels, amplitude, length, step.rate);
        case Signal::sweep:
            return {step.rate, std::vector(step.channels, sweep(step.from, step.to, amplitude, length, step.rate))};
        case Signal::silence:
            break;
    }
    return {step.rate, std::vector(step.channels, Samples(length))};
}

std::vector<AudioCase> judge(const AudioStep& step, const Audio::Looped& heard) {
    std::vector<AudioCase> cases;
    const auto channels = hear(step, heard);
    for (std::size_t channel = 0; channel < channels.size(); ++channel) {
        for (const auto& what : audio_measurements()) {
            if (std::ranges::find(what.of, step.signal) == what.of.end()) continue;
            cases.push_back(judge_one(step, what, channel, channels[channel]));
        }
    }
    return cases;
}

}  // namespace patchbay
