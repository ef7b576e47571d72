// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/backoff.hpp"

#include <algorithm>

namespace patchbay {
namespace {

using namespace std::chrono_literals;

// A wall clock that is set while something waits may jump over all of its time: three quarters of an hour of tries, as
// they are usually spread, come first.
constexpr int least_attempts = 10;

/// "3 days", "90 minutes", "20 seconds".
std::string in_words(std::chrono::seconds time) {
    const auto count = [&](std::chrono::seconds unit, const char* name) {
        const auto number = time / unit;
        return std::to_string(number) + " " + name + (number == 1 ? "" : "s");
    };
    if (time >= 48h) return count(24h, "day");
    if (time >= 2h) return count(1h, "hour");
    return time >= 2min ? count(1min, "minute") : count(1s, "second");
}

WallTime::duration pause_after(int attempts, const Attempt& attempt, const NotificationSettings& settings,
                               double spread) {
    auto pause = settings.first_retry;
    for (int i = 1; i < attempts && pause < settings.longest_retry; ++i) pause *= 2;
    if (attempt.retry_after) pause = std::max(pause, *attempt.retry_after);
    pause = std::min(pause, settings.longest_retry);
    return std::chrono::duration_cast<WallTime::duration>(pause * (1 + spread / 5));
}

}  // namespace

Attempt::Kind meaning_of_status(long status) {
    if (status >= 200 && status < 300) return Attempt::Kind::sent;
    if (status == 408 || status == 429 || status >= 500) return Attempt::Kind::again;
    return Attempt::Kind::hopeless;
}

AttemptRecord after_attempt(const NotificationRow& row, const Attempt& attempt, const NotificationSettings& settings,
                            WallTime now, double spread) {
    AttemptRecord record;
    record.status = attempt.status;
    record.problem = attempt.problem;
    record.at = record.due = now;
    switch (attempt.kind) {
        case Attempt::Kind::sent:
            record.phase = NotificationPhase::sent;
            return record;
        case Attempt::Kind::hopeless:
            record.phase = NotificationPhase::given_up;
            return record;
        case Attempt::Kind::again:
        case Attempt::Kind::stopped:
            break;
    }
    record.phase = NotificationPhase::waiting;
    record.due = now + pause_after(row.attempts + 1, attempt, settings, spread);
    if (row.attempts + 1 < least_attempts || record.due - row.created <= settings.give_up_after) return record;
    record.phase = NotificationPhase::given_up;
    record.problem += "; given up after " + in_words(settings.give_up_after);
    return record;
}

}  // namespace patchbay
