// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/session_clock.hpp"

#include <algorithm>
#include <utility>

namespace patchbay {
namespace {

Clock::duration early_of(Clock::duration time) { return std::min(SessionClock::early, time / 5); }

}  // namespace

SessionClock::SessionClock(Clock::time_point now, Clock::duration time, std::optional<Clock::duration> idle_release)
    : ends_{now + time}, begin_{now}, end_early_{early_of(time)}, idle_release_{idle_release}, used_{now} {}

bool SessionClock::end_at(Clock::time_point now, Clock::time_point ends) {
    const bool same = ends > now && std::chrono::abs(ends - ends_) < std::chrono::seconds{1};
    if (same) return false;
    ends_ = ends;
    end_early_ = early_of(std::max(ends - begin_, Clock::duration{0}));
    end_told_ = false;
    return true;
}

void SessionClock::used(Clock::time_point now) {
    used_ = now;
    idle_told_ = false;
}

Clock::time_point SessionClock::end_warning() const { return ends_ - end_early_; }

Clock::time_point SessionClock::idle_at() const {
    return idle_release_ ? used_ + *idle_release_ : Clock::time_point::max();
}

Clock::time_point SessionClock::idle_warning() const {
    return idle_release_ ? idle_at() - early_of(*idle_release_) : Clock::time_point::max();
}

SessionClock::Due SessionClock::look(Clock::time_point now) {
    if (now >= ends_) return Due::end;
    if (now >= idle_at()) return Due::idle;
    if (now >= end_warning() && !std::exchange(end_told_, true)) return Due::warn_of_end;
    if (now >= idle_warning() && !std::exchange(idle_told_, true)) return Due::warn_of_idleness;
    return Due::nothing;
}

Clock::time_point SessionClock::next() const {
    return std::min(end_told_ ? ends_ : end_warning(), idle_told_ ? idle_at() : idle_warning());
}

}  // namespace patchbay
