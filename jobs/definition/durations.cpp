// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/durations.hpp"

#include <cmath>
#include <functional>
#include <string>

namespace patchbay {
namespace {

using config::Value;
using schema::Path;

// What Python's timedelta holds.
constexpr double most_seconds = 1e9 * 86400;

std::optional<double> number_of(const Value& count) {
    if (const auto* whole = count.as_int()) return static_cast<double>(*whole);
    if (const auto* real = count.as_double()) return *real;
    if (const auto* flag = count.as_bool()) return *flag ? 1 : 0;
    return std::nullopt;
}

/// In whole seconds; 0 is LAVA's default of 30. Nothing: it cannot be counted.
std::optional<double> seconds_of(const Value& duration) {
    if (!duration.is_map()) return std::nullopt;
    double total = 0;
    for (const auto& [unit, seconds] :
         {std::pair{"days", 86400.0}, {"hours", 3600.0}, {"minutes", 60.0}, {"seconds", 1.0}}) {
        const auto* count = duration.find(unit);
        if (!count) continue;
        const auto number = number_of(*count);
        if (!number) return std::nullopt;
        total += *number * seconds;
    }
    if (!(std::abs(total) < most_seconds)) return std::nullopt;
    return total == 0 ? 30 : std::trunc(total);
}

/// A duration, where LAVA says it is, and what it belongs to.
using Visit = std::function<std::optional<JobProblem>(const Value& duration, Path path, const std::string& whose)>;

/// All but the job's own, in LAVA's order, until one is a problem.
std::optional<JobProblem> each_duration(const Value& job, const Visit& visit) {
    const auto& timeouts = *job.find("timeouts");
    for (const auto* key : {"action", "actions", "connection", "connections"}) {
        const auto* value = timeouts.find(key);
        if (!value) continue;
        if (!std::string_view{key}.ends_with('s')) {
            if (auto problem = visit(*value, {"timeouts", key}, "Global")) return problem;
            continue;
        }
        for (const auto& [name, duration] : *value->as_map()) {
            Path path{"timeouts", key};
            path.push(name);
            if (auto problem = visit(duration, std::move(path), "Global")) return problem;
        }
    }
    const auto& actions = *job.find("actions")->as_list();
    for (std::size_t i = 0; i < actions.size(); ++i) {
        if (actions[i].as_map()->empty()) continue;
        const auto* own = actions[i].as_map()->begin()->value.find("timeout");
        if (!own || own->is_null()) continue;
        if (auto problem = visit(*own, {"actions", std::to_string(i)}, "Action")) return problem;
    }
    return std::nullopt;
}

}  // namespace

std::optional<JobProblem> long_duration(const Value& job) {
    const auto whole = seconds_of(*job.find("timeouts")->find("job"));
    if (!whole) return std::nullopt;
    return each_duration(job, [&](const Value& duration, Path path, const std::string& whose) {
        const auto seconds = seconds_of(duration);
        if (!seconds || *seconds <= *whole) return std::optional<JobProblem>{};
        return std::optional{JobProblem{whose + " timeout is larger than job timeout", std::move(path)}};
    });
}

std::optional<JobProblem> broken_duration(const Value& job) {
    const std::string words = "not a valid duration";
    if (!seconds_of(*job.find("timeouts")->find("job"))) return JobProblem{words, {"timeouts", "job"}};
    return each_duration(job, [&](const Value& duration, Path path, const std::string&) {
        return seconds_of(duration) ? std::nullopt : std::optional{JobProblem{words, std::move(path)}};
    });
}

}  // namespace patchbay
