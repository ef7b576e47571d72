// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/rows.hpp"

#include <array>

namespace patchbay {
namespace {

template <std::size_t N, class E>
std::string_view name(const std::array<std::string_view, N>& names, E value) {
    const auto index = static_cast<std::size_t>(value);
    return index < N ? names[index] : std::string_view{"Unknown"};
}

}  // namespace

std::string_view to_string(JobState state) {
    static constexpr std::array<std::string_view, 6> names{"Submitted", "Scheduling", "Scheduled",
                                                           "Running",   "Canceling",  "Finished"};
    return name(names, state);
}

std::string_view to_string(JobHealth health) {
    static constexpr std::array<std::string_view, 4> names{"Unknown", "Complete", "Incomplete", "Canceled"};
    return name(names, health);
}

std::string_view to_string(DeviceState state) {
    static constexpr std::array<std::string_view, 3> names{"Idle", "Reserved", "Running"};
    return name(names, state);
}

std::string_view to_string(DeviceHealth health) {
    static constexpr std::array<std::string_view, 6> names{"Good", "Unknown",     "Looping",
                                                           "Bad",  "Maintenance", "Retired"};
    return name(names, health);
}

std::string_view to_string(WorkerState state) {
    static constexpr std::array<std::string_view, 2> names{"Online", "Offline"};
    return name(names, state);
}

std::string_view to_string(WorkerHealth health) {
    static constexpr std::array<std::string_view, 3> names{"Active", "Maintenance", "Retired"};
    return name(names, health);
}

std::string_view to_string(HealthDenominator denominator) {
    static constexpr std::array<std::string_view, 2> names{"hours", "jobs"};
    return name(names, denominator);
}

std::string_view to_string(CaseResult result) {
    static constexpr std::array<std::string_view, 4> names{"pass", "fail", "skip", "unknown"};
    return name(names, result);
}

}  // namespace patchbay
