// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace patchbay {

/// Samples of one channel; 1 is full scale.
using Samples = std::vector<double>;

/// A piece of sound as it is played or was captured. All channels are equally long.
struct Sound {
    int rate = 48000;  ///< samples a second, of each channel
    std::vector<Samples> channels;

    std::size_t length() const { return channels.empty() ? 0 : channels.front().size(); }
    double seconds() const { return static_cast<double>(length()) / rate; }
};

}  // namespace patchbay
