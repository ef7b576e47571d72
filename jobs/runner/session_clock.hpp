// SPDX-License-Identifier: Apache-2.0
#pragma once
// When a person's lease ends, and when that is announced. Pure.

#include <optional>

#include "core/clock.hpp"

namespace patchbay {

class SessionClock {
public:
    /// Warnings come so long before the end, or before the release for idleness; of short times a fifth.
    static constexpr Clock::duration early = std::chrono::minutes{5};

    SessionClock(Clock::time_point now, Clock::duration time, std::optional<Clock::duration> idle_release);

    /// Another end than before; it may be over already. False: it is the same, but for how wall clocks are read.
    bool end_at(Clock::time_point now, Clock::time_point ends);
    /// Somebody did something with the board.
    void used(Clock::time_point now);

    enum class Due { nothing, warn_of_end, warn_of_idleness, end, idle };
    /// What has come true and was not told before.
    Due look(Clock::time_point now);
    /// When to look again.
    Clock::time_point next() const;

    Clock::time_point ends() const { return ends_; }
    /// When it is released unless it is used; the end of all times when it is not.
    Clock::time_point idle_at() const;

private:
    Clock::time_point end_warning() const;
    Clock::time_point idle_warning() const;

    Clock::time_point ends_;
    Clock::time_point begin_;
    Clock::duration end_early_;
    std::optional<Clock::duration> idle_release_;
    Clock::time_point used_;
    bool end_told_ = false;
    bool idle_told_ = false;
};

}  // namespace patchbay
