// SPDX-License-Identifier: Apache-2.0
// usage: audio_probe OPTIONS play|capture|loop|sweep SECONDS CHANNELS RATE
// Uses the driver `alsa` with OPTIONS (YAML), as the device `board`. Plays a tone on each channel at half of full
// scale, or a sweep; prints what it measured of what it captured, or what failed.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <string>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "devices/audio/measure.hpp"
#include "devices/audio/tones.hpp"
#include "devices/capability/audio.hpp"
#include "devices/device.hpp"
#include "drivers/audio/audio.hpp"

namespace patchbay {
namespace {

struct Arguments {
    std::string options, action;
    int seconds = 0, channels = 0, rate = 0;
};

void print(const Audio::Captured& captured) {
    const auto map = map_channels(captured.sound, channel_tones(captured.sound.channels.size()));
    std::printf("captured %zu frames, xruns %u\n", captured.sound.length(), captured.xruns);
    for (std::size_t i = 0; i < map.size(); ++i) {
        const auto tone = measure_tone(captured.sound.channels[i], captured.sound.rate);
        std::printf("channel %zu: source %ld", i, map[i].source ? static_cast<long>(*map[i].source) : -1L);
        if (tone) {
            std::printf(" frequency %.4f level %.3f thd_n %.2f snr %.2f clipped %zu glitches", tone->frequency,
                        tone->level, tone->thd_n, tone->snr, tone->clipped);
            for (const auto& glitch : tone->continuity.glitches) std::printf(" %zu+%zu", glitch.at, glitch.length);
        }
        std::printf("\n");
    }
}

/// Plays a sweep on each channel; prints where it was heard.
Task<> sweep_through(Audio& audio, Arguments arguments) {
    const auto length = static_cast<std::size_t>(arguments.rate) / 5;
    const auto played = sweep(300, 6000, 0.5, length, arguments.rate);
    const auto channels = static_cast<std::size_t>(arguments.channels);
    Sound sound{arguments.rate, std::vector<Samples>(channels, played)};  // named: docs/maintainers/coroutines.md
    const auto looped = co_await audio.loop(std::move(sound), std::chrono::milliseconds{300});
    for (std::size_t i = 0; i < channels; ++i) {
        const auto arrival = find_arrival(looped.captured.sound.channels[i], played);
        if (!arrival || !looped.captured_after_played) {
            std::printf("channel %zu: not heard\n", i);
            continue;
        }
        const auto begun = std::chrono::duration<double>{*looped.captured_after_played}.count();
        std::printf("channel %zu: latency %.2f ms likeness %.3f%s\n", i, 1000 * (arrival->at / arguments.rate + begun),
                    arrival->likeness, arrival->inverted ? " inverted" : "");
    }
}

Task<> use(Audio& audio, Arguments arguments) {
    // What only captures makes no sound: the machine has little memory.
    const auto length =
        arguments.action == "capture" ? 0 : static_cast<std::size_t>(arguments.seconds * arguments.rate);
    auto sound = tone_on_each_channel(static_cast<std::size_t>(arguments.channels), 0.5, length, arguments.rate);
    std::printf("begins\n");
    std::fflush(stdout);
    if (arguments.action == "play") {
        const auto played = co_await audio.play(std::move(sound));
        std::printf("played, xruns %u\n", played.xruns);
    } else if (arguments.action == "capture") {
        const auto captured = co_await audio.capture(std::chrono::seconds{arguments.seconds},
                                                     static_cast<std::size_t>(arguments.channels), arguments.rate);
        print(captured);
    } else if (arguments.action == "sweep") {
        co_await sweep_through(audio, arguments);
    } else {
        const auto looped = co_await audio.loop(std::move(sound), std::chrono::milliseconds{300});
        std::printf("played, xruns %u\n", looped.played.xruns);
        print(looped.captured);
    }
}

int run(const Arguments& arguments) {
    asio::io_context io;
    config::Problems problems{"options"};
    const auto value = config::parse_yaml(arguments.options);
    config::MapReader options{value, "audio", problems};
    const DeviceDescription description{};
    DriverContext context{io.get_executor(), nullptr, {}, {}};
    const auto driver = make_alsa_audio({description, "device board: audio", options, context});
    problems.raise_if_any();
    Capabilities capabilities;
    driver->offer(capabilities, "");

    asio::cancellation_signal cancel;
    asio::signal_set interrupt{io, SIGINT};
    interrupt.async_wait([&](const boost::system::error_code& error, int) {
        if (!error) cancel.emit(asio::cancellation_type::terminal);
    });
    int status = 0;
    const auto done = [&](const std::exception_ptr& failure) {
        if (failure)
            std::printf("%s: %s\n", is_cancellation(failure) ? "cancelled" : "failed", describe(failure).c_str());
        status = failure ? 1 : 0;
        interrupt.cancel();
    };
    asio::co_spawn(io, use(*capabilities.find<Audio>(), arguments), asio::bind_cancellation_slot(cancel.slot(), done));
    io.run();
    return status;
}

}  // namespace
}  // namespace patchbay

int main(int argc, char** argv) {
    if (argc != 6)
        return std::fprintf(stderr, "usage: audio_probe OPTIONS play|capture|loop|sweep SECONDS CHANNELS RATE\n"), 2;
    try {
        return patchbay::run({argv[1], argv[2], std::stoi(argv[3]), std::stoi(argv[4]), std::stoi(argv[5])});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "audio_probe: %s\n", patchbay::describe(error).c_str());
        return 2;
    }
}
