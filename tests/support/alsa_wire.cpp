// SPDX-License-Identifier: Apache-2.0
// A wire from a sound card's output to its input, below ALSA: a plugin for alsa-lib, for programs on hosts without
// sound. What is played through a PCM of this type is captured through another one of the same process and wire, in
// real time, with impairments that are known:
//
//   pcm_type.patchbay_wire { lib "…/libasound_module_pcm_patchbay_wire.so" }
//   pcm.out { type patchbay_wire wire "a" }
//   pcm.in { type patchbay_wire wire "a" gain 0.5 delay 480 noise 0.001 drop_at 10000 drop_length 240 swap 1 }
//
// gain: a factor; delay, drop_at, drop_length: samples; noise: its root mean square, 1 is full scale; drop_at counts
// from where the sound begins; swap: neighbouring channels change places; fail: an errno, of every attempt to open it.
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace {

/// What was played last, and when it began: nanoseconds of CLOCK_MONOTONIC; 0: it does not run.
struct Wire {
    std::int64_t began = 0;
    unsigned channels = 0;
    std::vector<std::int16_t> played;
};

std::mutex guard;
std::map<std::string, Wire> wires;

std::int64_t now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

struct Options {
    std::string wire;
    double gain = 1, noise = 0, delay = 0, drop_at = 0, drop_length = 0, swap = 0, fail = 0;
};

struct End {
    snd_pcm_ioplug_t io{};
    Options options;
    std::int64_t began = 0;
    std::int64_t moved = 0;  ///< frames that were written or read since then
    std::mt19937 random{1};

    std::int64_t elapsed() const { return (now() - began) * std::int64_t{io.rate} / 1'000'000'000; }
};

End& end_of(snd_pcm_ioplug_t* io) { return *static_cast<End*>(io->private_data); }

std::int16_t* frame_at(snd_pcm_ioplug_t* io, const snd_pcm_channel_area_t* areas, snd_pcm_uframes_t offset) {
    return static_cast<std::int16_t*>(areas[0].addr) + offset * io->channels;
}

int prepare(snd_pcm_ioplug_t* io) {
    auto& end = end_of(io);
    end.began = end.moved = 0;
    const std::lock_guard lock{guard};
    if (io->stream == SND_PCM_STREAM_PLAYBACK) wires[end.options.wire] = {0, io->channels, {}};
    return 0;
}

int start(snd_pcm_ioplug_t* io) {
    auto& end = end_of(io);
    end.began = now();
    const std::lock_guard lock{guard};
    if (io->stream == SND_PCM_STREAM_PLAYBACK) wires[end.options.wire].began = end.began;
    return 0;
}

int stop(snd_pcm_ioplug_t*) { return 0; }

/// Where the card is, in frames since it began; it is ahead of us when we were too slow.
snd_pcm_sframes_t pointer(snd_pcm_ioplug_t* io) {
    const auto& end = end_of(io);
    if (end.began == 0) return 0;
    const auto at = end.elapsed();
    const auto lead = io->stream == SND_PCM_STREAM_PLAYBACK ? 0 : static_cast<std::int64_t>(io->buffer_size);
    return at > end.moved + lead ? -EPIPE : static_cast<snd_pcm_sframes_t>(at);
}

/// The sample that arrives at the capturing end; `frame` counts from the beginning of the sound.
double arriving(const Wire& wire, const Options& options, std::int64_t frame, unsigned channel) {
    const auto dropped = static_cast<double>(frame) >= options.drop_at &&
                         static_cast<double>(frame) < options.drop_at + options.drop_length;
    if (options.swap != 0 && (channel ^ 1U) < wire.channels) channel ^= 1U;
    if (wire.began == 0 || frame < 0 || dropped || channel >= wire.channels) return 0;
    const auto at = static_cast<std::size_t>(frame) * wire.channels + channel;
    return at < wire.played.size() ? options.gain * wire.played[at] : 0;
}

snd_pcm_sframes_t transfer(snd_pcm_ioplug_t* io, const snd_pcm_channel_area_t* areas, snd_pcm_uframes_t offset,
                           snd_pcm_uframes_t size) {
    auto& end = end_of(io);
    auto* frame = frame_at(io, areas, offset);
    const std::lock_guard lock{guard};
    auto& wire = wires[end.options.wire];
    if (io->stream == SND_PCM_STREAM_PLAYBACK) {
        wire.played.insert(wire.played.end(), frame, frame + size * io->channels);
    } else {
        const auto between = std::llround(static_cast<double>(end.began - wire.began) * io->rate / 1e9);
        const auto first = between + end.moved - std::llround(end.options.delay);
        std::normal_distribution<double> noise{0, end.options.noise * 32768};
        for (std::size_t i = 0; i < size * io->channels; ++i) {
            const auto channel = static_cast<unsigned>(i % io->channels);
            auto value = arriving(wire, end.options, first + static_cast<std::int64_t>(i / io->channels), channel);
            if (end.options.noise > 0) value += noise(end.random);
            frame[i] = static_cast<std::int16_t>(std::clamp(std::round(value), -32768.0, 32767.0));
        }
    }
    end.moved += static_cast<std::int64_t>(size);
    return static_cast<snd_pcm_sframes_t>(size);
}

int close_end(snd_pcm_ioplug_t* io) {
    ::close(io->poll_fd);
    delete &end_of(io);
    return 0;
}

const snd_pcm_ioplug_callback_t callbacks = [] {
    snd_pcm_ioplug_callback_t made{};
    made.start = start;
    made.stop = stop;
    made.pointer = pointer;
    made.transfer = transfer;
    made.close = close_end;
    made.prepare = prepare;
    return made;
}();

/// False: an option that there is not.
bool read_option(Options& options, const char* id, snd_config_t* value) {
    const std::string name = id;
    if (name == "comment" || name == "type" || name == "hint") return true;
    if (name == "wire") {
        const char* text = nullptr;
        if (snd_config_get_string(value, &text) < 0) return false;
        options.wire = text;
        return true;
    }
    const std::map<std::string, double*> numbers{{"gain", &options.gain},
                                                 {"noise", &options.noise},
                                                 {"delay", &options.delay},
                                                 {"drop_at", &options.drop_at},
                                                 {"drop_length", &options.drop_length},
                                                 {"swap", &options.swap},
                                                 {"fail", &options.fail}};
    const auto found = numbers.find(name);
    return found != numbers.end() && snd_config_get_ireal(value, found->second) == 0;
}

int limit(snd_pcm_ioplug_t& io) {
    const unsigned access[] = {SND_PCM_ACCESS_RW_INTERLEAVED}, formats[] = {SND_PCM_FORMAT_S16_LE};
    int result = snd_pcm_ioplug_set_param_list(&io, SND_PCM_IOPLUG_HW_ACCESS, 1, access);
    if (result == 0) result = snd_pcm_ioplug_set_param_list(&io, SND_PCM_IOPLUG_HW_FORMAT, 1, formats);
    if (result == 0) result = snd_pcm_ioplug_set_param_minmax(&io, SND_PCM_IOPLUG_HW_CHANNELS, 1, 8);
    if (result == 0) result = snd_pcm_ioplug_set_param_minmax(&io, SND_PCM_IOPLUG_HW_RATE, 8000, 96000);
    if (result == 0) result = snd_pcm_ioplug_set_param_minmax(&io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 1024, 1 << 24);
    if (result == 0) result = snd_pcm_ioplug_set_param_minmax(&io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 256, 1 << 22);
    if (result == 0) result = snd_pcm_ioplug_set_param_minmax(&io, SND_PCM_IOPLUG_HW_PERIODS, 2, 64);
    return result;
}

}  // namespace

extern "C" {

SND_PCM_PLUGIN_DEFINE_FUNC(patchbay_wire) {
    Options options;
    snd_config_iterator_t i{}, next{};
    snd_config_for_each(i, next, conf) {
        auto* entry = snd_config_iterator_entry(i);
        const char* id = nullptr;
        if (snd_config_get_id(entry, &id) < 0) continue;
        if (!read_option(options, id, entry)) {
            SNDERR("patchbay_wire: option %s", id);
            return -EINVAL;
        }
    }
    (void)root;
    if (options.fail != 0) return -static_cast<int>(options.fail);

    auto* end = new End;
    end->options = options;
    end->io.version = SND_PCM_IOPLUG_VERSION;
    end->io.name = "a wire";
    end->io.callback = &callbacks;
    end->io.private_data = end;
    end->io.flags = SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
    end->io.mmap_rw = 0;
    // Never ready: who waits looks up by himself.
    end->io.poll_fd = eventfd(0, EFD_CLOEXEC);
    end->io.poll_events = POLLIN;
    int result = snd_pcm_ioplug_create(&end->io, name, stream, mode);
    if (result == 0) result = limit(end->io);
    if (result < 0) {
        ::close(end->io.poll_fd);
        delete end;
        return result;
    }
    *pcmp = end->io.pcm;
    return 0;
}

SND_PCM_PLUGIN_SYMBOL(patchbay_wire)
}
