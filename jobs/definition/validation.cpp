// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/validation.hpp"

#include <algorithm>

#include "jobs/definition/full_schema.hpp"

namespace patchbay {
namespace {

using config::Value;
using schema::Outcome;
using schema::Path;
using Found = std::optional<JobProblem>;

Found found(std::string message, Path path) { return JobProblem{std::move(message), std::move(path)}; }

Found as_found(Outcome outcome) {
    if (!outcome) return std::nullopt;
    return found(std::move(outcome->message), std::move(outcome->path));
}

/// In seconds; of what is no number nothing is counted.
double seconds_of(const Value& duration) {
    double total = 0;
    for (const auto& [unit, seconds] :
         {std::pair{"days", 86400.0}, {"hours", 3600.0}, {"minutes", 60.0}, {"seconds", 1.0}}) {
        const auto* count = duration.find(unit);
        if (!count) continue;
        if (const auto* whole = count->as_int()) total += static_cast<double>(*whole) * seconds;
        if (const auto* real = count->as_double()) total += *real * seconds;
        if (const auto* flag = count->as_bool()) total += *flag ? seconds : 0;
    }
    return total;
}

Found durations_problem(const Value& job) {
    const auto& timeouts = *job.find("timeouts");
    const double whole = seconds_of(*timeouts.find("job"));
    const std::string global = "Global timeout is larger than job timeout";
    for (const auto* key : {"action", "connection"}) {
        const auto* one = timeouts.find(key);
        if (one && seconds_of(*one) > whole) return found(global, {"timeouts", key});
    }
    for (const auto* key : {"actions", "connections"}) {
        const auto* named = timeouts.find(key);
        if (!named) continue;
        for (const auto& [name, one] : *named->as_map())
            if (seconds_of(one) > whole) return found(global, {"timeouts", key, python_str(name)});
    }
    const auto& actions = *job.find("actions")->as_list();
    for (std::size_t i = 0; i < actions.size(); ++i) {
        if (actions[i].as_map()->empty()) continue;
        const auto* own = actions[i].as_map()->begin()->value.find("timeout");
        if (own && seconds_of(*own) > whole)
            return found("Action timeout is larger than job timeout", {"actions", std::to_string(i)});
    }
    return std::nullopt;
}

bool all_bodies(const Value& job, std::string_view key, bool wanted) {
    const auto& actions = *job.find("actions")->as_list();
    return std::ranges::all_of(actions, [&](const Value& action) {
        const bool has = !action.as_map()->empty() && action.as_map()->begin()->value.find(key);
        return has == wanted;
    });
}

Found multinode_problem(const Value& job) {
    const auto* protocols = job.find("protocols");
    if (!protocols || !protocols->find("lava-multinode")) {
        if (job.find("device_type")) return std::nullopt;
        return found("\"device_type\" or multinode should be defined", {});
    }
    if (!all_bodies(job, "role", true)) return found("Every action of a multinode job should have roles", {});
    for (const std::string key : {"device_type", "environment", "context", "tags"})
        if (job.find(key)) return found("\"" + key + "\" should not be used with multinode", {});
    return std::nullopt;
}

std::string text_at(const Value& body, std::string_view key) {
    const auto* value = body.find(key);
    return value ? python_str(*value) : "";
}

/// The path of an unknown type is its name, cut at every dot, as LAVA's is.
Found unknown_type(const std::string& kind, const std::string& name) {
    Path at{"actions", kind};
    std::string part;
    for (const char c : name + ".") {
        if (c != '.') {
            part += c;
            continue;
        }
        at.push(Value{part});
        part.clear();
    }
    return found("unknown action type", std::move(at));
}

std::string kind_of_test(const Value& body) {
    for (const auto& [key, kind] : {std::pair{"docker", "docker"},
                                    {"definitions", "definition"},
                                    {"interactive", "interactive"},
                                    {"monitors", "monitor"},
                                    {"services", "services"}})
        if (body.find(key)) return kind;
    return {};
}

Found action_problem(const config::Map& action, std::size_t index, schema::Extra extra) {
    const std::string place = "actions[" + std::to_string(index) + "]";
    if (action.empty()) return found("invalid action", {place});
    const auto kind = python_str(action.begin()->key);
    const auto& body = action.begin()->value;
    Path at{place, kind};
    if (kind == "command") return as_found(check(full_command_schema(), body, extra, at));
    const schema::Rule* rule = nullptr;
    std::string name;
    if (kind == "deploy" || kind == "boot") {
        name = text_at(body, kind == "deploy" ? "to" : "method");
        std::ranges::replace(name, '-', '_');
        rule = kind == "deploy" ? full_deploy_schema(name) : full_boot_schema(name);
        if (!rule) return unknown_type(kind, name);
    } else if (kind == "test") {
        name = kind_of_test(body);
        rule = full_test_schema(name);
    }
    if (!rule) return found("invalid action", {place, kind});
    at.push(Value{name});
    return as_found(check(*rule, body, extra, at));
}

}  // namespace

std::optional<JobProblem> validate_job(const config::Value& job, Strictness strictness) {
    const auto extra = strictness == Strictness::strict ? schema::Extra::refused : schema::Extra::allowed;
    static const auto outline = full_job_schema();
    if (auto problem = check(outline, job, extra)) return as_found(std::move(problem));
    if (auto problem = durations_problem(job)) return problem;
    if (auto problem = multinode_problem(job)) return problem;
    if (!all_bodies(job, "namespace", true) && !all_bodies(job, "namespace", false))
        return found("When using namespaces, every action should have a namespace", {});
    const auto& actions = *job.find("actions")->as_list();
    for (std::size_t i = 0; i < actions.size(); ++i)
        if (auto problem = action_problem(*actions[i].as_map(), i, extra)) return problem;
    return std::nullopt;
}

std::optional<schema::Problem> validate_test_definition(const config::Value& definition) {
    static const auto rule = test_definition_schema();
    return check(rule, definition, schema::Extra::allowed);
}

}  // namespace patchbay
