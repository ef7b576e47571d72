// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/validation.hpp"

#include <algorithm>

#include "jobs/definition/durations.hpp"
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

/// The body of an action, which is its first key's value; null when it has none.
const Value& body_of(const Value& action) {
    static const Value none;
    return action.as_map()->empty() ? none : action.as_map()->begin()->value;
}

/// Python's truth.
bool is_there(const Value* value) {
    if (!value || value->is_null()) return false;
    if (const auto* list = value->as_list()) return !list->empty();
    if (const auto* map = value->as_map()) return !map->empty();
    return *value != Value{""} && *value != Value{false} && *value != Value{0};
}

Found multinode_problem(const Value& job) {
    const auto* protocols = job.find("protocols");
    if (!protocols || !protocols->find("lava-multinode")) {
        if (is_there(job.find("device_type"))) return std::nullopt;
        return found("\"device_type\" or multinode should be defined", {});
    }
    const auto& actions = *job.find("actions")->as_list();
    if (!std::ranges::all_of(actions, [](const Value& action) { return body_of(action).find("role"); }))
        return found("Every action of a multinode job should have roles", {});
    for (const std::string key : {"device_type", "environment", "context", "tags"})
        if (is_there(job.find(key))) return found("\"" + key + "\" should not be used with multinode", {});
    return std::nullopt;
}

Found namespace_problem(const Value& job) {
    const auto& actions = *job.find("actions")->as_list();
    const auto named = std::ranges::count_if(actions, [](const Value& action) {
        const auto* name = body_of(action).find("namespace");
        return name && !name->is_null();
    });
    if (named == 0 || static_cast<std::size_t>(named) == actions.size()) return std::nullopt;
    return found("When using namespaces, every action should have a namespace", {});
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
    if (body.find("definitions")) return body.find("docker") ? "docker" : "definition";
    for (const auto& [key, kind] : {std::pair{"interactive", "interactive"},
                                    {"monitors", "monitor"},
                                    {"services", "service"},
                                    {"audio", "audio"}})
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
    if (auto problem = long_duration(job)) return problem;
    if (auto problem = multinode_problem(job)) return problem;
    if (auto problem = namespace_problem(job)) return problem;
    const auto& actions = *job.find("actions")->as_list();
    for (std::size_t i = 0; i < actions.size(); ++i)
        if (auto problem = action_problem(*actions[i].as_map(), i, extra)) return problem;
    return broken_duration(job);
}

std::optional<schema::Problem> validate_test_definition(const config::Value& definition) {
    static const auto rule = test_definition_schema();
    return check(rule, definition, schema::Extra::allowed);
}

}  // namespace patchbay
