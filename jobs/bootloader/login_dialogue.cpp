// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/login_dialogue.hpp"

#include "jobs/bootloader/prompt.hpp"

namespace patchbay {
namespace {

/// A console that eats so many names eats all of them.
constexpr int most_times = 3;
constexpr auto timed_out = "Login timed out";
constexpr auto incorrect = "Login incorrect";

PatternSet with(std::vector<std::string> prompts, const std::vector<std::string>& others) {
    for (const auto& other : others) {
        if (!other.empty()) prompts.push_back(other);
    }
    return PatternSet::of(prompts);
}

DialogueStep failed(std::string error) {
    DialogueStep step;
    step.next = DialogueStep::Next::failed;
    step.error_type = ErrorType::job;
    step.error = std::move(error);
    return step;
}

DialogueStep warned(DialogueStep step, std::string text) {
    step.log.insert(step.log.begin(), LogLine{LogLevel::warning, std::move(text)});
    return step;
}

}  // namespace

LoginDialogue::LoginDialogue(LoginPlan plan)
    : plan_{std::move(plan)},
      login_prompt_{plan_.login_prompt},
      password_{with(plan_.prompts, {plan_.password_prompt, timed_out})},
      shell_{with(plan_.prompts, {incorrect, timed_out})},
      command_{PatternSet::of(plan_.prompts)} {}

const PatternSet& LoginDialogue::patterns() const {
    switch (awaits_) {
        case Awaits::password_prompt:
            return password_;
        case Awaits::shell:
            return shell_;
        case Awaits::command:
            return command_;
    }
    return command_;
}

DialogueStep LoginDialogue::start() {
    auto step = send_username();
    if (!plan_.shell_came_first) return step;
    return warned(std::move(step), "a shell prompt came before the login prompt '" + plan_.login_prompt +
                                       "'; the user name is sent all the same");
}

DialogueStep LoginDialogue::send_username() {
    ++sent_names_;
    awaits_ = plan_.password_prompt.empty() ? Awaits::shell : Awaits::password_prompt;
    echo_ = Echo{plan_.username, patterns()};
    early_prompt_ = false;
    DialogueStep step;
    step.log.push_back({LogLevel::debug, "Sending username " + plan_.username});
    step.typing.push_back({Typing::Kind::line, plan_.username});
    return step;
}

DialogueStep LoginDialogue::send_password() {
    ++sent_passwords_;
    awaits_ = Awaits::shell;
    echo_ = {};
    early_prompt_ = false;
    DialogueStep step;
    step.log.push_back({LogLevel::debug, "Sending password " + plan_.password});
    step.typing.push_back({Typing::Kind::line, plan_.password});
    return step;
}

DialogueStep LoginDialogue::next_command() {
    DialogueStep step;
    if (sent_commands_ == plan_.commands.size()) {
        step.next = DialogueStep::Next::finished;
        return step;
    }
    if (sent_commands_ == 0) step.log.push_back({LogLevel::debug, "Running login commands"});
    const auto& command = plan_.commands[sent_commands_++];
    awaits_ = Awaits::command;
    echo_ = Echo{command, patterns()};
    early_prompt_ = false;
    step.typing.push_back({Typing::Kind::line, command});
    return step;
}

DialogueStep LoginDialogue::feed(const Match& match) {
    silence_.broken();
    if (echo_.holds(match)) return {};
    if (match.index < plan_.prompts.size() && is_early(match)) {
        early_prompt_ = true;
        return {};
    }
    const auto awaited = awaits_;
    auto step = after(match.index);
    if (awaited == Awaits::command || step.next == DialogueStep::Next::failed) return step;
    const auto& text = (awaited == Awaits::shell ? shell_ : password_).patterns()[match.index].text();
    step.log.insert(step.log.begin(),
                    LogLine{LogLevel::debug, "Matched prompt #" + std::to_string(match.index) + ": " + text});
    return step;
}

bool LoginDialogue::is_early(const Match& prompt) const {
    if (awaits_ == Awaits::command) return echoes_ && !echo_.over();
    // What is typed ends its line. A name is too short to be followed through a babble.
    return prompt.before.find_first_of("\r\n") == std::string::npos;
}

DialogueStep LoginDialogue::after(std::size_t index) {
    const bool prompt = index < plan_.prompts.size();
    const auto& text = patterns().patterns()[index].text();
    if (awaits_ == Awaits::password_prompt) {
        if (prompt || text != timed_out) return send_password();
        return failed("Password prompt not matched, please update the job definition with the correct one.");
    }
    return prompt ? next_command() : failed(text);
}

std::optional<DialogueStep> LoginDialogue::silence(std::string_view unmatched) {
    auto step = after_silence(silence_.falls(unmatched));
    if (step) silence_.answered(unmatched);
    return step;
}

std::optional<DialogueStep> LoginDialogue::after_silence(std::string_view output) {
    if (awaits_ != Awaits::command) {
        if (auto step = asked_again(output)) return step;
    }
    const auto& patterns = this->patterns().patterns();
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        const auto& text = patterns[i].text();
        if (text == timed_out || text == incorrect || !ends_at_cut_prompt(patterns[i], output)) continue;
        auto warning = cut_prompt_warning(text);
        return warned(after(i), std::move(warning));
    }
    // A console that echoes nothing: that prompt was the answer. Only where a shell is known to be.
    const bool at_shell = awaits_ == Awaits::command || plan_.shell_came_first;
    if (!at_shell || !early_prompt_ || !is_blank(output)) return std::nullopt;
    if (!echo_.half_over() && !silence_.is_long()) return std::nullopt;
    if (awaits_ == Awaits::command && !echo_.half_over()) echoes_ = false;
    return after(0);
}

std::optional<DialogueStep> LoginDialogue::asked_again(std::string_view output) {
    const auto line = output.substr(output.rfind('\n') + 1);
    if (ends_at_prompt(login_prompt_, line)) {
        if (sent_names_ == most_times) {
            return failed("the board asks for a user name again ('" + plan_.login_prompt + "') after '" +
                          plan_.username + "' was sent " + std::to_string(most_times) +
                          " times; does it know this user, and does its console lose characters?");
        }
        return warned(send_username(),
                      "the board asks for a user name again ('" + plan_.login_prompt + "'); it is sent again");
    }
    const bool asks = awaits_ == Awaits::shell && sent_passwords_ > 0 && sent_passwords_ < most_times &&
                      ends_at_prompt(password_.patterns()[plan_.prompts.size()], line);
    if (!asks) return std::nullopt;
    return warned(send_password(),
                  "the board asks for a password again ('" + plan_.password_prompt + "'); it is sent again");
}

}  // namespace patchbay
