// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/interrupt.hpp"

#include "jobs/bootloader/prompt.hpp"

namespace patchbay {

InterruptDialogue::InterruptDialogue(InterruptPlan plan)
    : plan_{std::move(plan)},
      error_{plan_.errors},
      patterns_{error_.patterns_with(plan_.needs_interrupt ? plan_.interrupt_prompt : plan_.bootloader_prompt)},
      prompt_{plan_.bootloader_prompt} {}

DialogueStep InterruptDialogue::start() {
    DialogueStep step;
    if (!plan_.needs_interrupt) {
        step.log.push_back({LogLevel::info, "Not interrupting bootloader, waiting for bootloader prompt"});
    }
    return step;
}

DialogueStep InterruptDialogue::feed(const Match& match) {
    if (error_.begun()) return error_.end(match.before);
    if (match.index > 0) return error_.begin(match);
    DialogueStep step;
    step.next = DialogueStep::Next::finished;
    if (plan_.needs_interrupt) step.typing = plan_.keys;
    return step;
}

std::optional<DialogueStep> InterruptDialogue::silence(std::string_view unmatched) {
    if (error_.begun()) return error_.end(unmatched);
    if (!plan_.needs_interrupt || !ends_at_prompt(prompt_, unmatched)) return std::nullopt;
    DialogueStep step;
    step.next = DialogueStep::Next::finished;
    step.log.push_back({LogLevel::warning, "the boot loader waits at its prompt '" + plan_.bootloader_prompt +
                                               "', though '" + plan_.interrupt_prompt +
                                               "' was not seen; no key is sent"});
    return step;
}

}  // namespace patchbay
