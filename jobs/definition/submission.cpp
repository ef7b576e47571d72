// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/submission.hpp"

#include <algorithm>

#include "core/config/yaml.hpp"
#include "jobs/definition/submission_schema.hpp"

namespace patchbay {
namespace {

using config::Value;

/// A fixed commit cannot be had from a clone of the newest one.
bool asks_revision_of_shallow_clone(const Value& definition) {
    const auto* shallow = definition.find("shallow");
    return definition.find("revision") && shallow && shallow->as_bool() && *shallow->as_bool();
}

std::optional<JobProblem> repository_problem(const Value& job) {
    const auto& actions = *job.find("actions")->as_list();
    // Beside monitors or interactive, definitions have passed the schema whatever they are; LAVA breaks on these.
    static const auto entries = schema::list_of({schema::dict()});
    for (std::size_t i = 0; i < actions.size(); ++i) {
        const auto* test = actions[i].find("test");
        const auto* definitions = test ? test->find("definitions") : nullptr;
        if (!definitions) continue;
        schema::Path at{"actions"};
        at.push_index(i);
        for (const auto* key : {"test", "definitions"}) at.push(key);
        if (auto problem = check(entries, *definitions, schema::Extra::allowed, at))
            return as_job_problem(std::move(*problem));
        if (std::ranges::any_of(*definitions->as_list(), asks_revision_of_shallow_clone))
            return JobProblem{"When 'revision' is used, 'shallow' shouldn't be 'True'", {}};
    }
    return std::nullopt;
}

std::optional<JobProblem> priority_problem(const Value& job) {
    const auto* priority = job.find("priority");
    if (!priority || priority->is_string()) return std::nullopt;
    static const auto allowed = schema::all({schema::at_least(0), schema::at_most(100)});
    if (!check(allowed, *priority, schema::Extra::refused)) return std::nullopt;
    return JobProblem{"Invalid job priority: " + python_str(*priority) + ". Should be in [0, 100]", {"priority"}};
}

}  // namespace

config::Value load_submission(std::string_view text, const config::YamlLimits& limits) {
    try {
        return config::parse_yaml(text, limits);
    } catch (const config::YamlError& error) {
        throw SubmissionError{"Loading job submission failed: " + error.python_text + "."};
    }
}

std::optional<JobProblem> submission_problem(const config::Value& job, RetiredProtocols retired) {
    // The rules are put together once: they are asked thousands of times in a second.
    static const auto usual = submission_schema(RetiredProtocols::accepted);
    static const auto later = submission_schema(RetiredProtocols::refused);
    const auto& rules = retired == RetiredProtocols::accepted ? usual : later;
    if (auto problem = check(rules, job, schema::Extra::refused)) return as_job_problem(std::move(*problem));
    if (auto problem = repository_problem(job)) return problem;
    if (auto problem = multinode_problem(job)) return problem;
    return priority_problem(job);
}

config::Value read_submission(std::string_view text, RetiredProtocols retired) {
    auto job = load_submission(text);
    if (auto problem = submission_problem(job, retired)) throw SubmissionError{problem->message};
    return job;
}

}  // namespace patchbay
