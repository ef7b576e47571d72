// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/kernel_start.hpp"

#include "jobs/bootloader/prompt.hpp"

namespace patchbay {

KernelStartDialogue::KernelStartDialogue(KernelStartPlan plan)
    : plan_{std::move(plan)}, error_{plan_.errors}, patterns_{error_.patterns_with(plan_.start_message)} {
    if (!plan_.last_command) return;
    prompt_.emplace(plan_.last_command->prompt);
    if (plan_.last_command->echo_follows) echo_ = Echo{plan_.last_command->command, patterns_};
}

DialogueStep KernelStartDialogue::feed(const Match& match) {
    silence_.broken();
    if (error_.begun()) return error_.end(match.before);
    if (echo_.holds(match)) return {};
    if (match.index > 0) return error_.begin(match);
    DialogueStep step;
    step.next = DialogueStep::Next::finished;
    return step;
}

std::optional<DialogueStep> KernelStartDialogue::silence(std::string_view unmatched) {
    if (error_.begun()) return error_.end(unmatched);
    silence_.falls(unmatched);
    // Without an echo before it, the prompt may be older than the command.
    if (!echo_.half_over(unmatched) && !silence_.is_long()) return std::nullopt;
    if (!prompt_ || !is_back_at_prompt(*prompt_, plan_.last_command->command, unmatched)) return std::nullopt;
    return back_at_prompt(plan_.last_command->prompt, plan_.last_command->command, plan_.start_message, unmatched);
}

}  // namespace patchbay
