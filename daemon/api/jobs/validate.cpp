// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml.hpp"
#include "core/worker.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/jobs/job_problem.hpp"
#include "daemon/api/respond.hpp"

namespace patchbay {
namespace {

// Anybody may ask: what it may cost is bounded more tightly than for jobs that are stored.
constexpr config::YamlLimits validate_limits{4 * 1024 * 1024, 64, 200'000};

std::string checked_text(const Fields& fields, std::string_view missing) {
    auto text = fields.text("definition");
    if (!text || text->empty()) throw api_error(400, "definition", missing);
    return std::move(*text);
}

/// "defnition" is how LAVA 2023.01 spells it.
std::string test_definition_verdict(const std::string& text) {
    config::Value value;
    try {
        value = config::parse_yaml(text, validate_limits);
    } catch (const config::YamlError& error) {
        return std::string{"Test defnition invalid: "} + error.what();
    }
    const auto problem = validate_test_definition(value);
    return problem ? "Test defnition invalid: " + *problem : "Test definition valid.";
}

}  // namespace

std::optional<ValidationProblem> job_problem(const std::string& text, Strictness strictness) {
    config::Value value;
    try {
        value = config::parse_yaml(text, validate_limits);
    } catch (const config::YamlError& error) {
        return ValidationProblem{error.what(), "[]"};
    }
    return validate_job(value, strictness);
}

Task<Response> validate_job(Call& call) {
    const Fields fields{call.request};
    auto text = checked_text(fields, "Test job definition is required.");
    const auto strictness = fields.flag("strict") ? Strictness::strict : Strictness::lenient;
    auto work = [text = std::move(text), strictness] { return job_problem(text, strictness); };
    const auto problem = co_await on_worker(call.lab.checkers, std::move(work));
    // LAVA 2023.01 leaves the path out.
    co_return message_answer(problem ? "Job invalid: " + problem->message : "Job valid.");
}

Task<Response> validate_test_definition(Call& call) {
    const Fields fields{call.request};
    auto text = checked_text(fields, "Test definition is required.");
    auto work = [text = std::move(text)] { return test_definition_verdict(text); };
    co_return message_answer(co_await on_worker(call.lab.checkers, std::move(work)));
}

}  // namespace patchbay
