// SPDX-License-Identifier: Apache-2.0
#include "daemon/sharing/opening_hours.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "core/text.hpp"

namespace patchbay {
namespace {

using std::chrono::minutes;

constexpr std::array<std::string_view, 7> day_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
// A window lasts a day at most, so that one which began yesterday may still be open; and a week shows them all.
constexpr date::days first_day{-1}, last_day{8};

struct Span {
    WallTime from, to;
};

WallTime moment(date::local_time<minutes> shown, const date::time_zone& zone) {
    const auto info = zone.get_info(shown);
    if (info.result == date::local_info::nonexistent) return info.first.end;
    return WallTime{shown.time_since_epoch() - info.first.offset};
}

unsigned weekday_bit(date::local_days day) { return 1U << (date::weekday{day}.iso_encoding() - 1); }

/// Every time that it is open from yesterday on, for a week; in the order of their beginning.
std::vector<Span> spans_around(const OpeningHours& hours, WallTime now) {
    const auto& zone = hours.zone.zone();
    const auto offset = zone.get_info(date::floor<std::chrono::seconds>(now)).offset;
    const auto today = date::floor<date::days>(date::local_time<WallTime::duration>{now.time_since_epoch() + offset});
    std::vector<Span> spans;
    for (auto day = today + first_day; day <= today + last_day; day += date::days{1}) {
        for (const auto& window : hours.windows) {
            if ((window.days & weekday_bit(day)) == 0) continue;
            const auto end_day = window.to > window.from ? day : day + date::days{1};
            const Span span{moment(day + window.from, zone), moment(end_day + window.to, zone)};
            if (span.from < span.to) spans.push_back(span);
        }
    }
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.from < b.from; });
    return spans;
}

std::optional<minutes> parse_clock(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon > 2 || text.size() != colon + 3) return std::nullopt;
    const auto hour = whole_number(text.substr(0, colon));
    const auto minute = whole_number(text.substr(colon + 1));
    if (!hour || !minute || *hour < 0 || *minute < 0 || *minute > 59) return std::nullopt;
    const minutes time{*hour * 60 + *minute};
    if (time > minutes{24 * 60}) return std::nullopt;
    return time;
}

std::optional<unsigned> parse_day(std::string_view text) {
    const auto word = lower_case(text);
    for (unsigned day = 0; day < day_names.size(); ++day)
        if (word == day_names[day]) return day;
    return std::nullopt;
}

/// "Mon-Fri", "Sat,Sun", "Fri-Mon". nullopt: no days.
std::optional<std::uint8_t> parse_days(std::string_view text) {
    unsigned days = 0;
    for (;;) {
        const auto comma = text.find(',');
        const auto part = text.substr(0, comma);
        const auto dash = part.find('-');
        const auto first = parse_day(part.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : parse_day(part.substr(dash + 1));
        if (!first || !last) return std::nullopt;
        for (auto day = *first;; day = (day + 1) % 7) {
            days |= 1U << day;
            if (day == *last) break;
        }
        if (comma == std::string_view::npos) return static_cast<std::uint8_t>(days);
        text = text.substr(comma + 1);
    }
}

}  // namespace

std::optional<TimeZone> TimeZone::named(const std::string& name) {
    try {
        return TimeZone{*date::locate_zone(name)};
    } catch (const std::runtime_error&) {
        return std::nullopt;
    }
}

TimeZone TimeZone::of_this_machine() {
    try {
        return TimeZone{*date::current_zone()};
    } catch (const std::runtime_error&) {  // no /etc/localtime: then the C library shows UTC, too
        return utc();
    }
}

TimeZone TimeZone::utc() { return TimeZone{*date::locate_zone("Etc/UTC")}; }

std::optional<Window> parse_window(std::string_view text) {
    Window window;
    const auto blank = text.find(' ');
    const bool has_days = !text.empty() && (text[0] < '0' || text[0] > '9');
    if (has_days) {
        const auto days = parse_days(text.substr(0, blank));
        if (!days) return std::nullopt;
        window.days = *days;
        if (blank == std::string_view::npos) return window;
        text = text.substr(blank + 1);
    }
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto from = parse_clock(text.substr(0, dash));
    const auto to = parse_clock(text.substr(dash + 1));
    // "19:00-19:00" may be meant as a day or as nothing.
    if (!from || !to || *from == *to || *from == minutes{24 * 60}) return std::nullopt;
    window.from = *from;
    window.to = *to;
    return window;
}

Opening opening_at(const OpeningHours& hours, WallTime now) {
    const auto spans = spans_around(hours, now);
    auto end = now;
    for (const auto& span : spans) {
        if (span.from > end) return {end > now, end > now ? end : span.from};
        end = std::max(end, span.to);
    }
    // The last day that was looked at is open to its end: so it goes on.
    if (end > now + date::days{7}) return {true, std::nullopt};
    return {end > now, end > now ? std::optional{end} : std::nullopt};
}

std::optional<std::chrono::seconds> longest_opening(const OpeningHours& hours) {
    const OpeningHours plain{TimeZone::utc(), hours.windows};
    const WallTime monday{date::sys_days{date::year{2026} / 1 / 5}};
    std::chrono::seconds longest{0};
    for (const auto& span : spans_around(plain, monday)) {
        const auto opening = opening_at(plain, span.from);
        if (!opening.changes) return std::nullopt;
        longest = std::max(longest, std::chrono::duration_cast<std::chrono::seconds>(*opening.changes - span.from));
    }
    return longest;
}

std::string format_local(WallTime time, const TimeZone& zone) {
    const date::zoned_time<minutes> local{&zone.zone(), date::floor<minutes>(time)};
    return date::format("%F %H:%M %Z", local);
}

}  // namespace patchbay
