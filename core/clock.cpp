// SPDX-License-Identifier: Apache-2.0
#include "core/clock.hpp"

#include <cstdio>
#include <ctime>

namespace patchbay {

WallTime wall_now() {
    using namespace std::chrono;
    if (Clock::frozen) return sys_days{2026y / January / 1} + duration_cast<microseconds>(Clock::moved);
    return time_point_cast<microseconds>(system_clock::now());
}

std::string format_log_time(WallTime time) {
    using namespace std::chrono;
    const auto seconds = floor<std::chrono::seconds>(time);
    const std::time_t t = seconds.time_since_epoch().count();
    std::tm parts{};
    ::gmtime_r(&t, &parts);
    char text[48];
    std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06d", parts.tm_year + 1900, parts.tm_mon + 1,
                  parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>((time - seconds).count()));
    return text;
}

std::string format_hms(std::chrono::nanoseconds duration) {
    const auto total = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
    char text[48];
    std::snprintf(text, sizeof text, "%02lld:%02lld:%02lld", static_cast<long long>(total / 3600),
                  static_cast<long long>(total / 60 % 60), static_cast<long long>(total % 60));
    return text;
}

}  // namespace patchbay
