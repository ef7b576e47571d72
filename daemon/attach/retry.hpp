// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "core/clock.hpp"

namespace patchbay {

struct AttachTimes {
    Clock::duration first_retry = 1s;
    Clock::duration longest_retry = 60s;
    Clock::duration between_lines = 2s;  ///< at least, between two pieces of the log of a job that runs
};

/// How long to wait after a failure: twice as long each time.
class Retry {
public:
    explicit Retry(const AttachTimes& times) : times_{times}, pause_{times.first_retry} {}
    void succeeded() { pause_ = times_.first_retry; }
    Clock::duration failed() {
        const auto pause = pause_;
        pause_ = std::min(2 * pause_, times_.longest_retry);
        return pause;
    }

private:
    AttachTimes times_;
    Clock::duration pause_;
};

}  // namespace patchbay
