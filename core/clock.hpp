// SPDX-License-Identifier: Apache-2.0
#pragma once
// Time as the program sees it. A test freezes the clock and moves it by hand; every timer obeys it.

#include <algorithm>
#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <string>

namespace patchbay {

using namespace std::chrono_literals;
namespace asio = boost::asio;

/// Monotonic.
struct Clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<Clock>;
    static constexpr bool is_steady = true;
    static time_point now() noexcept {
        return time_point{frozen ? moved.load() : std::chrono::steady_clock::now().time_since_epoch()};
    }
    /// A test moves it while the threads of stores and workers read it.
    struct Moved : std::atomic<duration> {
        using std::atomic<duration>::atomic;
        using std::atomic<duration>::operator=;
        void operator+=(duration d) { *this = load() + d; }
    };
    inline static bool frozen = false;
    inline static Moved moved{duration{1}};
};

/// As much of `d` as the clock can count: 292 years.
constexpr Clock::duration saturated(std::chrono::seconds d) {
    constexpr auto most = std::chrono::duration_cast<std::chrono::seconds>(Clock::duration::max());
    return std::clamp(d, -most, most);
}

/// Frozen time never blocks the reactor.
struct ClockWait {
    static Clock::duration to_wait_duration(Clock::duration left) { return Clock::frozen ? Clock::duration{0} : left; }
    static Clock::duration to_wait_duration(Clock::time_point at) { return to_wait_duration(at - Clock::now()); }
};

using Timer = asio::basic_waitable_timer<Clock, ClockWait>;

/// The time of day, for log lines and rows; microseconds since the epoch, UTC.
/// Frozen with Clock: then it is 2026-01-01 plus the time that was moved.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
WallTime wall_now();

/// "2026-11-22T06:49:22.740294": UTC without a zone, always six digits (lava_common/log.py).
std::string format_log_time(WallTime time);
/// "2026-11-22 06:49:22.740294+00:00", as Python prints a time of UTC; with `between` in the place of the blank.
std::string format_zoned_time(WallTime time, char between = ' ');
/// "HH:MM:SS", as LAVA prints time-outs and durations; whole seconds, rounded down.
std::string format_hms(std::chrono::nanoseconds duration);

}  // namespace patchbay
