// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "devices/audio/sound.hpp"

namespace patchbay {

/// A PNG picture of the spectrum of each channel: frequency from 20 Hz to half the rate, level from -140 to 0 dBFS.
std::string spectrum_plot(const Sound& sound);

}  // namespace patchbay
