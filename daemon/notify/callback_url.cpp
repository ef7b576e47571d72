// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/callback_url.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace patchbay {
namespace {

/// nullopt: no such fact. LAVA takes any attribute of its job object, tokens too.
std::optional<std::string> fact(std::string_view name, const JobRow& job) {
    const auto number = [](auto value) { return std::to_string(static_cast<std::int64_t>(value)); };
    if (name == "ID") return number(job.id.value);
    if (name == "STATUS") return number(legacy_status(job.state, job.health).number);
    if (name == "STATUS_STRING") return std::string{legacy_status(job.state, job.health).word};
    if (name == "STATE") return number(job.state);
    if (name == "STATE_STRING") return std::string{to_string(job.state)};
    if (name == "HEALTH") return number(job.health);
    if (name == "HEALTH_STRING") return std::string{to_string(job.health)};
    if (name == "PRIORITY") return number(job.priority);
    if (name == "DESCRIPTION") return job.description;
    if (name == "ACTUAL_DEVICE") return job.actual_device.value_or("None");
    if (name == "REQUESTED_DEVICE_TYPE") return job.requested_device_type.value_or("None");
    if (name == "HEALTH_CHECK") return job.health_check ? "True" : "False";
    if (name == "SUB_ID") return job.sub_id;
    if (name == "TARGET_GROUP") return job.target_group;
    if (name == "SUBMIT_TIME") return python_time(job.submit_time);
    if (name == "START_TIME") return python_time(job.start_time);
    if (name == "END_TIME") return python_time(job.end_time);
    return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
    const auto from = text.find_first_not_of(" \t");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

/// As Python's requests: what the submitter wrote as %XX stays so.
void append_allowed(std::string& out, char c) {
    constexpr std::string_view forbidden = "\"<>\\^`{|} ";
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && forbidden.find(c) == std::string_view::npos) {
        out += c;
    } else {
        out += percent_encode(std::string_view{&c, 1});
    }
}

}  // namespace

LegacyStatus legacy_status(JobState state, JobHealth health) {
    switch (state) {
        case JobState::submitted:
        case JobState::scheduling:
        case JobState::scheduled:
            return {0, "submitted"};
        case JobState::running:
            return {1, "running"};
        case JobState::canceling:
            return {5, "canceling"};
        case JobState::finished:
            break;
    }
    if (health == JobHealth::complete) return {2, "complete"};
    if (health == JobHealth::canceled) return {4, "canceled"};
    return {3, "incomplete"};
}

std::string python_time(const std::optional<WallTime>& time) { return time ? format_zoned_time(*time) : "None"; }

std::string callback_url(std::string_view url, const JobRow& job) {
    std::string out;
    std::size_t at = 0;
    while (at < url.size()) {
        const auto end = url[at] == '{' ? url.find('}', at) : std::string_view::npos;
        if (end != std::string_view::npos) {
            if (const auto value = fact(trimmed(url.substr(at + 1, end - at - 1)), job)) {
                out += percent_encode(*value);
                at = end + 1;
                continue;
            }
        }
        append_allowed(out, url[at++]);
    }
    return out;
}

std::string receiver_of(std::string_view url) {
    const auto scheme = url.find("://");
    const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    const auto end = std::min(url.find_first_of("/?#", begin), url.size());
    auto authority = url.substr(begin, end - begin);
    if (const auto user = authority.rfind('@'); user != std::string_view::npos) authority.remove_prefix(user + 1);
    return lower_case(url.substr(0, begin)) + lower_case(authority);
}

}  // namespace patchbay
