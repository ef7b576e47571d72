// SPDX-License-Identifier: Apache-2.0
#pragma once
// One entry of `test: {audio: [...]}`: what is played and captured, and between which limits the measurements must lie.
// No LAVA has this test; docs/jobs-audio.md tells its keys.

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/value.hpp"
#include "jobs/definition/schema.hpp"

namespace patchbay {

/// Both ends belong to the range.
struct AudioLimit {
    std::optional<double> min, max;
};

struct AudioStep {
    enum class Signal { tone, channel_map, sweep, silence };
    enum class Direction { loop, play, capture };

    std::string name;
    std::string hardware;  ///< "headset" of `hardware: {audio: {headset: …}}`; empty: the only one
    Signal signal = Signal::tone;
    Direction direction = Direction::loop;
    std::size_t channels = 2;
    int rate = 48000;                                       ///< samples a second
    double level = -6;                                      ///< dBFS, of what is played
    double frequency = 997;                                 ///< hertz, of a tone
    double from = 300, to = 6000;                           ///< hertz, of a sweep
    std::chrono::milliseconds length{2000};                 ///< of what is played or captured
    std::vector<std::size_t> map;                           ///< for each captured channel: where it comes from
    std::map<std::string, AudioLimit, std::less<>> limits;  ///< by measurement; the defaults are among them
};

/// What can be measured of one channel.
struct AudioMeasurement {
    std::string_view name, units;
    std::vector<AudioStep::Signal> of;  ///< the signals that tell it
};
std::span<const AudioMeasurement> audio_measurements();

/// The entry, and everything that is wrong with it; of what cannot be read the default is taken.
/// A problem says its key and the next step: "'level' is 3: give 0 dBFS, which is full scale, or less".
AudioStep read_audio_step(const config::Value& entry, std::vector<std::string>& problems);

/// The rule of the list for both schemas: the shape of each entry, then the first of those problems; no two of one
/// name.
schema::Rule audio_steps_schema();

}  // namespace patchbay
