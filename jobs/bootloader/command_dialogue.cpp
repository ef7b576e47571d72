// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/command_dialogue.hpp"

#include "jobs/bootloader/prompt.hpp"

namespace patchbay {

CommandDialogue::CommandDialogue(CommandPlan plan)
    : plan_{std::move(plan)},
      error_{plan_.errors},
      first_{PatternSet::of({plan_.prompt})},
      prompt_{error_.patterns_with(plan_.prompt)},
      final_{error_.patterns_with(plan_.final_message)} {}

const PatternSet& CommandDialogue::patterns() const {
    if (error_.begun()) return error_.line_end();
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
    silence_.broken();
    if (error_.begun()) return error_.end(match.before);
    if (echo_.holds(match)) return {};
    if (match.index > 0) return error_.begin(match);
    DialogueStep step;
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
    if (error_.begun()) return error_.end(unmatched);
    const auto& prompt = first_.patterns().front();
    const auto fresh = silence_.falls(unmatched);
    if (state_ == State::final_message) {
        const auto& command = plan_.commands.back();
        // Without an echo before it, the prompt may be older than the command.
        const bool echoed = echo_.half_over(fresh) || silence_.is_long();
        if (!echoed || !is_back_at_prompt(prompt, command, fresh)) return std::nullopt;
        return back_at_prompt(plan_.prompt, command, plan_.final_message, fresh);
    }
    if (early_prompt_ && is_blank(fresh)) {
        // The echo may be slow, and a command typed too early is lost.
        if (!echo_.half_over() && !silence_.is_long()) return std::nullopt;
        if (!echo_.half_over()) echoes_ = false;
        return type_next();
    }
    if (!ends_at_cut_prompt(prompt, fresh)) return std::nullopt;
    silence_.answered(unmatched);
    auto step = type_next();
    step.log.push_back({LogLevel::warning, cut_prompt_warning(plan_.prompt)});
    return step;
}

}  // namespace patchbay
