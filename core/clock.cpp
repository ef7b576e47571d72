// SPDX-License-Identifier: Apache-2.0
#include "core/clock.hpp"

#include <cstdio>

namespace patchbay {

WallTime wall_now() {
    using namespace std::chrono;
    if (Clock::frozen) return sys_days{2026y / January / 1} + duration_cast<microseconds>(Clock::moved.load());
    return time_point_cast<microseconds>(system_clock::now());
}

namespace {

/// Two digits at `at`; snprintf would cost more than all else about a log line.
void put_digits(char* at, unsigned value) {
    at[0] = static_cast<char>('0' + value / 10);
    at[1] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string format_log_time(WallTime time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    const auto fraction = static_cast<unsigned>(clock.subseconds().count());
    std::string text = "0000-00-00T00:00:00.000000";
    put_digits(&text[0], year / 100 % 100);
    put_digits(&text[2], year % 100);
    put_digits(&text[5], static_cast<unsigned>(date.month()));
    put_digits(&text[8], static_cast<unsigned>(date.day()));
    put_digits(&text[11], static_cast<unsigned>(clock.hours().count()));
    put_digits(&text[14], static_cast<unsigned>(clock.minutes().count()));
    put_digits(&text[17], static_cast<unsigned>(clock.seconds().count()));
    put_digits(&text[20], fraction / 10000);
    put_digits(&text[22], fraction / 100 % 100);
    put_digits(&text[24], fraction % 100);
    return text;
}

std::string format_zoned_time(WallTime time, char between) {
    auto text = format_log_time(time);
    text[10] = between;
    return text + "+00:00";
}

std::string format_hms(std::chrono::nanoseconds duration) {
    const auto total = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
    char text[48];
    std::snprintf(text, sizeof text, "%02lld:%02lld:%02lld", static_cast<long long>(total / 3600),
                  static_cast<long long>(total / 60 % 60), static_cast<long long>(total % 60));
    return text;
}

}  // namespace patchbay
