// SPDX-License-Identifier: Apache-2.0
#pragma once
// Why a job may not have a device now. The decision and the answer to "why does it wait?" ask these same functions.
// Pure: rules and numbers in, a reason out.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/sharing/rules.hpp"

namespace patchbay {

enum class Hindrance {
    // of the device
    health,
    busy,
    worker,  ///< its machine starts no jobs, or no more of them
    tags,
    other_device,   ///< the job names another one, or another worker
    not_displayed,  ///< its type: nothing is scheduled there
    permission,     ///< to submit to it: the submitter has none
    reserved,       ///< for a person, or for a job that had to wait too long for it
    // of the rule
    max_running,
    max_share,
    keep_free,
    window,       ///< it is not the time
    window_ends,  ///< it would not be over in time
    // of the queue
    another_first,
    group,  ///< other jobs of the same multinode group have no device yet
};
/// "max_running": as the API says it.
std::string_view to_string(Hindrance);

struct Refusal {
    Hindrance hindrance;
    std::string text;               ///< a sentence without its full stop
    std::optional<WallTime> until;  ///< when time alone may end it; nullopt: something else must happen
};

/// What the people of one rule have, and what there is.
struct Usage {
    std::int64_t running = 0;          ///< their jobs that have a device
    std::int64_t running_of_type = 0;  ///< of those, on devices of the type
    std::int64_t usable_of_type = 0;   ///< devices of the type that are Good or Unknown, idle or not
    std::int64_t idle_of_type = 0;     ///< of those, that have no job and are reserved for nobody
};

/// Whatever the job and the device are.
std::optional<Refusal> refused_by_numbers(const SharingRule& rule, std::string_view device_type, const Usage& usage);

/// How long a job that begins now may last. nullopt: as long as it wants; 0: it may not begin.
std::optional<std::chrono::seconds> time_left(const std::optional<OpeningHours>& hours, WallTime now);
/// `time`: of the job, by its own time-out; nullopt: unknown, so it is never short enough.
bool fits(std::optional<std::chrono::seconds> time, std::optional<std::chrono::seconds> left);
/// The same, with the reason.
std::optional<Refusal> refused_by_time(const SharingRule& rule, const std::optional<OpeningHours>& hours, WallTime now,
                                       std::optional<std::chrono::seconds> time);

/// What a rule makes of a new job.
struct Admission {
    int priority = 50;
    std::optional<std::chrono::seconds> queue_timeout;
    std::string refusal;   ///< empty: it may come
    bool for_now = false;  ///< the refusal: it may come later
};
struct NewcomerFacts {
    int priority = 50;
    std::optional<std::chrono::seconds> time;  ///< its own time-out
    std::optional<std::chrono::seconds> queue_timeout;
    std::string device_type;
    std::int64_t queued = 0;  ///< jobs that the people of the rule have in the queue
};
Admission admit(const SharingRule& rule, const NewcomerFacts& job);

/// "2h", "1h 30min", "45s".
std::string format_time(std::chrono::seconds time);

}  // namespace patchbay
