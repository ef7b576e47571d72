// SPDX-License-Identifier: Apache-2.0
#pragma once
// From captured sound to results. Pure.

#include <optional>
#include <string>
#include <vector>

#include "devices/capability/audio.hpp"
#include "jobs/definition/audio_step.hpp"

namespace patchbay {

/// One measurement of one channel.
struct AudioCase {
    std::string name;  ///< "channel1-level"
    bool passed = true;
    std::optional<double> measurement;  ///< nothing: there was nothing to measure
    std::string units;
    std::string reason;  ///< of a failure: the measured value and the limit
};

/// What is played for a step; silence for what only listens to it.
Sound sound_of(const AudioStep& step);

/// One for each measurement and channel, always the same ones for the same step: what could not be measured has failed,
/// except on a channel on which a map wants nothing.
std::vector<AudioCase> judge(const AudioStep& step, const Audio::Looped& heard);

}  // namespace patchbay
