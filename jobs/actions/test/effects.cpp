// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/test/test.hpp"

namespace patchbay {
namespace {

/// A TESTFEEDBACK waits at most so long for what another console says (lava_dispatcher/connection.py, listen_feedback).
constexpr auto feedback_time = 1s;

Task<> listen(JobContext& job, std::string ns) {
    const auto other = job.namespaces.find(ns);
    if (other == job.namespaces.end() || !other->second.console) {
        job.log.error("no console in namespace '" + ns + "' to listen to");
        co_return;
    }
    co_await other->second.console->listen(ns, feedback_time);
}

}  // namespace

Task<EffectsOutcome> apply_effects(JobContext& job, TestEffects effects) {
    EffectsOutcome outcome;
    for (auto& effect : effects) {
        if (const auto* line = std::get_if<LogLine>(&effect)) {
            job.log.write(line->level, line->text);
        } else if (auto* result = std::get_if<ResultEffect>(&effect)) {
            job.log.results(std::move(result->map));
        } else if (const auto* raised = std::get_if<RaiseEffect>(&effect)) {
            outcome.raise = raised->text;
        } else if (const auto* feedback = std::get_if<FeedbackEffect>(&effect)) {
            co_await listen(job, feedback->ns);
        } else if (auto* call = std::get_if<GroupCallEffect>(&effect)) {
            outcome.call = std::move(call->call);
        } else {
            outcome.end = true;
        }
    }
    co_return outcome;
}

void log_effects(JobContext& job, const TestEffects& effects) {
    for (const auto& effect : effects) {
        if (const auto* line = std::get_if<LogLine>(&effect)) job.log.write(line->level, line->text);
        if (const auto* result = std::get_if<ResultEffect>(&effect)) job.log.results(result->map);
    }
}

ConsoleSession& typing_console(JobContext& job, const ActionBlock& block) {
    auto& console = job.console(block);
    console.character_delay = job.description.character_delays.test;
    return console;
}

Fixup read_fixup(const config::Value* value) {
    const auto* map = value ? value->as_map() : nullptr;
    if (!map) return default_fixup();
    Fixup fixup;
    for (const auto& [from, to] : *map) fixup[config::python_str(from)] = config::python_str(to);
    return fixup;
}

std::vector<std::string> read_texts(const config::Value* value) {
    std::vector<std::string> texts;
    if (!value) return texts;
    if (const auto* one = value->as_string()) texts.push_back(*one);
    if (const auto* list = value->as_list()) {
        for (const auto& item : *list) texts.push_back(config::python_str(item));
    }
    return texts;
}

}  // namespace patchbay
