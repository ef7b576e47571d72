// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a lab shares its devices: what each group of people may use, and when. docs/donating.md has every key.
// Plain values; who asks them is daemon/schedule.

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/sharing/opening_hours.hpp"

namespace patchbay {

/// What may be said of a device type, or of all of them.
struct TypeLimits {
    std::optional<int> max_running;     ///< jobs that have a device
    std::optional<int> max_share;       ///< per cent of the usable devices of a type, rounded down, at least one
    std::optional<int> keep_free;       ///< idle devices of a type that stay for others
    std::optional<OpeningHours> hours;  ///< nullopt: always
};

/// A running job may be stopped for one of others, and goes back to the queue.
struct Preemption {
    std::chrono::seconds after{0};  ///< so long the other job has waited
    int attempts = 3;               ///< how often a job is begun; the last time it is not queued again
};

struct SharingRule {
    std::string name;
    std::vector<std::string> users;  ///< "*": everybody
    std::vector<std::string> groups;
    bool each = false;  ///< every user has the numbers below alone, and not all of them together

    // What a submission meets.
    std::optional<int> max_priority;  ///< more is lowered to it
    std::optional<int> max_queued;
    std::optional<std::chrono::seconds> max_job_time;  ///< of `timeouts.job`
    std::optional<std::chrono::seconds> queue_timeout;

    // What a waiting job meets.
    std::optional<int> max_running;  ///< on all devices together
    TypeLimits limits;
    std::map<std::string, TypeLimits, std::less<>> device_types;  ///< what they say wins
    std::map<std::string, OpeningHours, std::less<>> devices;     ///< wins over both

    std::optional<Preemption> preemptible;
    std::optional<std::chrono::seconds> max_reservation;  ///< nullopt: they may reserve nothing

    /// `limits` with what is said of this type.
    TypeLimits limits_on(std::string_view device_type) const;
    /// nullopt: always open.
    std::optional<OpeningHours> hours_on(std::string_view device_type, std::string_view device) const;
};

struct SharingRules {
    TimeZone zone = TimeZone::utc();
    std::vector<SharingRule> rules;

    bool empty() const { return rules.empty(); }
    /// The first rule that names the user or one of the groups; nullptr: nothing limits them.
    const SharingRule* rule_for(std::string_view user, std::span<const std::string> groups) const;
    /// May the end of a job let another begin on another type of device?
    bool spans_types() const;
    /// May a job ever be stopped for another?
    bool any_preemptible() const;
};

/// Throws: ConfigurationError with every problem of the file, one in a line.
SharingRules read_sharing_rules(const std::filesystem::path& file);
SharingRules parse_sharing_rules(std::string_view text, const std::string& file);

}  // namespace patchbay
