// SPDX-License-Identifier: Apache-2.0
#include "daemon/sharing/refusal.hpp"

#include <algorithm>

namespace patchbay {
namespace {

using std::chrono::seconds;

std::string of_rule(const SharingRule& rule, std::string_view key) {
    return std::string{key} + " of rule '" + rule.name + "'";
}

std::string jobs_have(std::int64_t jobs, const SharingRule& rule) {
    const std::string whose = rule.each ? "of this user" : "of these users";
    return std::to_string(jobs) + (jobs == 1 ? " job " : " jobs ") + whose + (jobs == 1 ? " has" : " have");
}

/// The longest time that devices of the type are ever open for the rule; nullopt: some of them always are.
std::optional<seconds> longest_time(const SharingRule& rule, std::string_view device_type) {
    const auto hours = rule.limits_on(device_type).hours;
    if (!hours) return std::nullopt;
    auto longest = longest_opening(*hours);
    for (const auto& [device, own] : rule.devices) {
        const auto time = longest_opening(own);
        if (!longest || !time) return std::nullopt;
        longest = std::max(*longest, *time);
    }
    return longest;
}

}  // namespace

std::string_view to_string(Hindrance hindrance) {
    switch (hindrance) {
        case Hindrance::health:
            return "health";
        case Hindrance::busy:
            return "busy";
        case Hindrance::worker:
            return "worker";
        case Hindrance::tags:
            return "tags";
        case Hindrance::other_device:
            return "other_device";
        case Hindrance::not_displayed:
            return "not_displayed";
        case Hindrance::permission:
            return "permission";
        case Hindrance::reserved:
            return "reserved";
        case Hindrance::max_running:
            return "max_running";
        case Hindrance::max_share:
            return "max_share";
        case Hindrance::keep_free:
            return "keep_free";
        case Hindrance::window:
            return "window";
        case Hindrance::window_ends:
            return "window_ends";
        case Hindrance::another_first:
            return "another_first";
        case Hindrance::group:
            return "group";
    }
    return "";
}

std::string format_time(seconds time) {
    const auto count = time.count();
    std::string text;
    const auto add = [&text](std::int64_t number, const char* unit) {
        if (number > 0) text += (text.empty() ? "" : " ") + std::to_string(number) + unit;
    };
    add(count / 3600, "h");
    add(count / 60 % 60, "min");
    add(count % 60, "s");
    return text.empty() ? "0s" : text;
}

std::optional<Refusal> refused_by_numbers(const SharingRule& rule, std::string_view device_type, const Usage& usage) {
    const auto limits = rule.limits_on(device_type);
    const auto type = "'" + std::string{device_type} + "'";
    if (rule.max_running && usage.running >= *rule.max_running) {
        return Refusal{Hindrance::max_running,
                       jobs_have(usage.running, rule) + " a device, and " + of_rule(rule, "max_running") + " allows " +
                           std::to_string(*rule.max_running),
                       {}};
    }
    if (limits.max_running && usage.running_of_type >= *limits.max_running) {
        return Refusal{Hindrance::max_running,
                       jobs_have(usage.running_of_type, rule) + " a device of type " + type + ", and " +
                           of_rule(rule, "max_running") + " allows " + std::to_string(*limits.max_running) + " there",
                       {}};
    }
    if (limits.max_share) {
        const auto share = std::max<std::int64_t>(1, usage.usable_of_type * *limits.max_share / 100);
        if (usage.running_of_type >= share) {
            return Refusal{Hindrance::max_share,
                           jobs_have(usage.running_of_type, rule) + " a device of type " + type + ", and " +
                               of_rule(rule, "max_share") + " allows " + std::to_string(share) + " of the " +
                               std::to_string(usage.usable_of_type) + " (" + std::to_string(*limits.max_share) + "%)",
                           {}};
        }
    }
    if (limits.keep_free.value_or(0) > 0 && usage.idle_of_type <= *limits.keep_free) {
        return Refusal{Hindrance::keep_free,
                       std::to_string(usage.idle_of_type) + " devices of type " + type + " are free, and " +
                           of_rule(rule, "keep_free") + " leaves " + std::to_string(*limits.keep_free) + " to others",
                       {}};
    }
    return std::nullopt;
}

std::optional<seconds> time_left(const std::optional<OpeningHours>& hours, WallTime now) {
    if (!hours) return std::nullopt;
    const auto opening = opening_at(*hours, now);
    if (!opening.open) return seconds{0};
    if (!opening.changes) return std::nullopt;
    return std::chrono::duration_cast<seconds>(*opening.changes - now);
}

bool fits(std::optional<seconds> time, std::optional<seconds> left) {
    return !left || (*left > seconds{0} && time && *time <= *left);
}

std::optional<Refusal> refused_by_time(const SharingRule& rule, const std::optional<OpeningHours>& hours, WallTime now,
                                       std::optional<seconds> time) {
    if (fits(time, time_left(hours, now))) return std::nullopt;
    const auto opening = opening_at(*hours, now);
    if (!opening.open) {
        auto text = of_rule(rule, "windows") + " are closed ";
        text += opening.changes ? "until " + format_local(*opening.changes, hours->zone) : "for ever";
        return Refusal{Hindrance::window, std::move(text), opening.changes};
    }
    // The next chance comes when it opens again.
    const auto next = opening_at(*hours, *opening.changes);
    const auto lasts = time ? "may take " + format_time(*time) : "has no time-out that is known";
    return Refusal{Hindrance::window_ends,
                   "the job " + lasts + ", and " + of_rule(rule, "windows") + " close at " +
                       format_local(*opening.changes, hours->zone),
                   next.changes};
}

Admission admit(const SharingRule& rule, const NewcomerFacts& job) {
    Admission admission{job.priority, job.queue_timeout, {}, false};
    if (rule.max_priority) admission.priority = std::min(job.priority, *rule.max_priority);
    if (rule.queue_timeout)
        admission.queue_timeout = std::min(job.queue_timeout.value_or(*rule.queue_timeout), *rule.queue_timeout);
    if (rule.max_queued && job.queued >= *rule.max_queued) {
        const std::string whose = rule.each ? "you have" : "the users of this rule have";
        admission.refusal = whose + " " + std::to_string(job.queued) + " jobs in the queue, and " +
                            of_rule(rule, "max_queued") + " allows " + std::to_string(*rule.max_queued) +
                            "; submit again when some have begun";
        admission.for_now = true;
        return admission;
    }
    auto longest = longest_time(rule, job.device_type);
    auto allows = of_rule(rule, "windows") + " are never open for longer than ";
    if (rule.max_job_time && (!longest || *rule.max_job_time <= *longest)) {
        longest = rule.max_job_time;
        allows = of_rule(rule, "max_job_time") + " allows ";
    }
    if (longest && *longest == seconds{0}) {
        admission.refusal = of_rule(rule, "windows") + " never open for devices of type '" + job.device_type +
                            "'; ask the owner of the lab";
    } else if (longest && !fits(job.time, longest)) {
        const auto has = job.time ? "is " + format_time(*job.time) : std::string{"is no time that is known"};
        admission.refusal =
            "timeouts.job " + has + ", and " + allows + format_time(*longest) + "; give it a shorter one";
    }
    return admission;
}

}  // namespace patchbay
