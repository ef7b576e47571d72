// SPDX-License-Identifier: Apache-2.0
#pragma once
// When in the week something is open, by the clock on the wall of one place. Pure, but for the zones of this machine.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"

namespace date {
class time_zone;
}

namespace patchbay {

/// A zone of the IANA data base that this machine has (tzdata), with its daylight-saving time.
class TimeZone {
public:
    /// "Europe/Berlin". nullopt: there is no such zone here.
    static std::optional<TimeZone> named(const std::string& name);
    /// What this machine is set to; UTC when it is set to nothing.
    static TimeZone of_this_machine();
    static TimeZone utc();

    const date::time_zone& zone() const { return *zone_; }

private:
    explicit TimeZone(const date::time_zone& zone) : zone_{&zone} {}
    const date::time_zone* zone_;
};

/// Some days of the week, from a time to a time. Both are what the clock shows; when they are put forward, a time that
/// is left out is the moment of the change, and when they are put back, a time that comes twice is the first of both.
struct Window {
    std::uint8_t days = 0x7f;          ///< bit 0: Monday; the days on which it begins
    std::chrono::minutes from{0};      ///< since midnight
    std::chrono::minutes to{24 * 60};  ///< of the same day, or of the next when it is not behind `from`
    bool operator==(const Window&) const = default;
};

/// "19:00-07:00", "Sat,Sun", "Mon-Fri 19:00-07:00". nullopt: none of these.
std::optional<Window> parse_window(std::string_view text);

struct OpeningHours {
    TimeZone zone = TimeZone::utc();
    std::vector<Window> windows;  ///< none: always closed. Windows that touch are one
};

struct Opening {
    bool open = false;
    std::optional<WallTime> changes;  ///< when it closes, or opens again; nullopt: not within a week
};
Opening opening_at(const OpeningHours& hours, WallTime now);

/// The longest that it is ever open without a break, clock changes left aside; nullopt: it never closes.
std::optional<std::chrono::seconds> longest_opening(const OpeningHours& hours);

/// "2026-11-22 19:00 CET", as people of that place read it.
std::string format_local(WallTime time, const TimeZone& zone);

}  // namespace patchbay
