// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/kernel_dialogue.hpp"

#include "jobs/bootloader/prompt.hpp"

namespace patchbay {
namespace {

using Came = KernelMessages::Next;

std::optional<Pattern> login_prompt_of(const LoginWait& wait) {
    if (wait.login_prompt.empty()) return std::nullopt;
    return Pattern{wait.login_prompt};
}

}  // namespace

KernelDialogue::KernelDialogue(LoginWait wait) : login_prompt_{login_prompt_of(wait)}, messages_{std::move(wait)} {}

DialogueStep KernelDialogue::feed(const Match& match) {
    auto said = messages_.feed(match);
    DialogueStep step;
    step.log = std::move(said.log);
    if (said.next == Came::wait) return step;
    step.next = DialogueStep::Next::finished;
    at_shell_ = said.next == Came::shell_prompt;
    if (said.next == Came::login_incorrect) said.error = "Login incorrect";
    if (said.next == Came::login_incorrect || said.next == Came::fail) {
        step.next = DialogueStep::Next::failed;
        step.error_type = ErrorType::job;
        step.error = std::move(said.error);
    }
    return step;
}

std::optional<DialogueStep> KernelDialogue::silence(std::string_view unmatched) {
    if (!login_prompt_ || !ends_at_cut_prompt(*login_prompt_, unmatched)) return std::nullopt;
    DialogueStep step;
    step.next = DialogueStep::Next::finished;
    step.log.push_back({LogLevel::warning, cut_prompt_warning(login_prompt_->text())});
    return step;
}

}  // namespace patchbay
