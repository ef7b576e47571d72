// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/jobs/open_door.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/store.hpp"
#include "jobs/definition/judgement.hpp"
#include "jobs/definition/validation.hpp"

namespace patchbay {
namespace {

std::string checked_text(const Fields& fields, std::string_view missing) {
    auto text = fields.text("definition");
    if (!text || text->empty()) throw api_error(400, "definition", missing);
    return std::move(*text);
}

/// "defnition" is how LAVA 2023.01 spells it.
std::string test_definition_verdict(const std::string& text) {
    config::Value value;
    try {
        value = config::parse_yaml(text, open_door_limits);
    } catch (const config::YamlError& error) {
        return std::string{"Test defnition invalid: "} + error.what();
    }
    const auto problem = validate_test_definition(value);
    return problem ? "Test defnition invalid: " + problem->text() : "Test definition valid.";
}

}  // namespace

Task<Response> validate_job(Call& call) {
    const Fields fields{call.request};
    auto text = checked_text(fields, "Test job definition is required.");
    const auto schema = fields.flag("strict") ? JobSchema::strict : JobSchema::full;
    auto work = [text = std::move(text), schema](Database&) { return judge_job(text, schema, open_door_limits); };
    const auto problem = co_await call.lab.store.read_on_worker(std::move(work));
    // LAVA 2023.01 leaves the path out.
    co_return message_answer(problem ? "Job invalid: " + problem->message : "Job valid.");
}

Task<Response> validate_test_definition(Call& call) {
    const Fields fields{call.request};
    auto text = checked_text(fields, "Test definition is required.");
    auto work = [text = std::move(text)](Database&) { return test_definition_verdict(text); };
    co_return message_answer(co_await call.lab.store.read_on_worker(std::move(work)));
}

}  // namespace patchbay
