// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/interactive.hpp"

#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

PatternSet patterns_of(const std::vector<std::string>& prompts, const InteractiveCommand& command) {
    auto all = prompts;
    for (const auto& failure : command.failures) all.push_back(failure.message);
    all.insert(all.end(), command.successes.begin(), command.successes.end());
    return PatternSet::of(all, SearchWindow::two_reads, AtEnd::hold);
}

}  // namespace

std::string substitute(std::string text, const Substitutions& values) {
    for (const auto& [name, value] : values) {
        const auto key = "{" + name + "}";
        for (auto at = text.find(key); at != text.npos; at = text.find(key, at + value.size())) {
            text.replace(at, key.size(), value);
        }
    }
    return text;
}

std::optional<ErrorType> error_type_of_class(std::string_view name) {
    if (name == "InfrastructureError") return ErrorType::infrastructure;
    if (name == "JobError") return ErrorType::job;
    if (name == "TestError") return ErrorType::test;
    return std::nullopt;
}

InteractiveStep::InteractiveStep(std::vector<std::string> prompts, InteractiveCommand command)
    : prompts_{std::move(prompts)}, command_{std::move(command)}, patterns_{patterns_of(prompts_, command_)} {}

std::string InteractiveStep::waiting_text() const {
    std::string text = "Waiting for ";
    for (std::size_t i = 0; i < patterns_.patterns().size(); ++i) {
        text += (i == 0 ? "'" : ", '") + patterns_.patterns()[i].text() + "'";
    }
    return text;
}

InteractiveStep::Verdict InteractiveStep::judge(const Match& match) const {
    Verdict verdict;
    auto index = match.index;
    const auto quoted = "'" + patterns_.patterns()[index].text() + "'";
    if (index < prompts_.size()) {
        verdict.at_prompt = true;
        verdict.passed = command_.successes.empty();
        verdict.log = verdict.passed
                          ? LogLine{LogLevel::debug, "Matched a prompt: " + quoted}
                          : LogLine{LogLevel::error, "Matched a prompt (was expecting a success): " + quoted};
    } else if (index -= prompts_.size(); index < command_.failures.size()) {
        const auto& failure = command_.failures[index];
        verdict.log = {LogLevel::error, "Matched a failure: " + quoted};
        verdict.exception = failure.exception;
        verdict.error = failure.error.empty() ? failure.message : failure.error;
    } else {
        verdict.passed = true;
        verdict.log = {LogLevel::info, "Matched a success: " + quoted};
        for (const auto& [name, value] : match.groups) {
            if (!name.empty() && value) verdict.groups[name] = *value;
        }
    }
    if (!verdict.passed && !verdict.exception && command_.name.empty()) {
        verdict.exception = ErrorType::test;
        verdict.error = "Failed to run command '" + command_.command.value_or("") + "'";
    }
    return verdict;
}

config::Map make_interactive_result(const std::string& suite, const std::string& name, bool passed,
                                    std::chrono::nanoseconds duration) {
    auto map = make_result(suite, name, passed ? "pass" : "fail");
    map.set("duration", format_seconds(duration));
    return map;
}

}  // namespace patchbay
