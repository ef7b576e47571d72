// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/command_dialogue.hpp"

#include "jobs/bootloader/prompt.hpp"

namespace patchbay {
namespace {

std::vector<std::string> with_errors(const std::string& wanted, const std::vector<std::string>& errors) {
    std::vector<std::string> all{wanted};
    all.insert(all.end(), errors.begin(), errors.end());
    return all;
}

}  // namespace

CommandDialogue::CommandDialogue(CommandPlan plan)
    : plan_{std::move(plan)},
      first_{PatternSet::of({plan_.prompt})},
      prompt_{PatternSet::of(with_errors(plan_.prompt, plan_.error_messages))},
      final_{PatternSet::of(with_errors(plan_.final_message, plan_.error_messages))} {}

const PatternSet& CommandDialogue::patterns() const {
    switch (state_) {
        case State::first_prompt:
            return first_;
        case State::prompt:
            return prompt_;
        case State::final_message:
            return final_;
    }
    return first_;
}

DialogueStep CommandDialogue::start() { return plan_.at_prompt ? type_next() : DialogueStep{}; }

DialogueStep CommandDialogue::feed(const Match& match) {
    if (echo_.holds(match)) return {};
    DialogueStep step;
    if (match.index > 0) {
        step.next = DialogueStep::Next::failed;
        step.error = "matched a bootloader error message: '" + plan_.error_messages[match.index - 1] + "' (" +
                     std::to_string(match.index) + ")";
        return step;
    }
    if (state_ == State::final_message) {
        step.next = DialogueStep::Next::finished;
        return step;
    }
    if (state_ == State::prompt && echoes_ && !echo_.over()) {
        early_prompt_ = true;
        return step;
    }
    return type_next();
}

DialogueStep CommandDialogue::type_next() {
    DialogueStep step;
    early_prompt_ = false;
    if (sent_ < plan_.commands.size()) {
        const auto& command = plan_.commands[sent_++];
        step.typing.push_back({Typing::Kind::line, command});
        const bool last = sent_ == plan_.commands.size();
        state_ = last ? State::final_message : State::prompt;
        echo_ = Echo{command, patterns()};
    }
    const bool all_sent = sent_ == plan_.commands.size();
    if (all_sent && (plan_.final_message.empty() || plan_.commands.empty())) step.next = DialogueStep::Next::finished;
    return step;
}

std::optional<DialogueStep> CommandDialogue::silence(std::string_view unmatched) {
    const auto& prompt = first_.patterns().front();
    if (state_ == State::final_message) {
        if (!ends_at_prompt(prompt, unmatched)) return std::nullopt;
        return back_at_prompt();
    }
    if (early_prompt_ && printable(unmatched).find_first_not_of(' ') == std::string::npos) {
        if (!echo_.begun()) echoes_ = false;
        return type_next();
    }
    if (!ends_at_cut_prompt(prompt, unmatched)) return std::nullopt;
    auto step = type_next();
    step.log.push_back({LogLevel::warning, "the prompt '" + plan_.prompt +
                                               "' came in two parts, with other output between them; going on"});
    return step;
}

DialogueStep CommandDialogue::back_at_prompt() const {
    DialogueStep step;
    step.next = DialogueStep::Next::failed;
    step.error = "the boot loader is back at its prompt '" + plan_.prompt + "' after its last command '" +
                 plan_.commands.back() + "', without '" + plan_.final_message + "'; its answer is in the log above";
    return step;
}

}  // namespace patchbay
