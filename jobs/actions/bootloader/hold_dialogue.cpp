// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/bootloader/hold_dialogue.hpp"

namespace patchbay {
namespace {

/// A boot loader, or a shell, that waits for a command says nothing; one that works is seldom silent for so long, and
/// if it is, its output does not end with a prompt.
constexpr auto silence = 2s;

/// How the log shows one key that is held with Ctrl.
std::string control_code(char letter) { return std::string(1, static_cast<char>(letter & 0x1f)); }

Task<> type(JobContext& job, ConsoleSession& console, const Typing& typing) {
    const auto delay = console.character_delay.count();
    if (typing.kind == Typing::Kind::control) {
        for (const char letter : typing.text) {
            job.log.debug("Sending character: " + config::python_repr(std::string(1, letter)));
            co_await console.send(control_code(letter));
        }
        co_return;
    }
    const bool line = typing.kind == Typing::Kind::line;
    job.log.debug((line ? "Sending line: " : "Sending: ") + config::python_repr(typing.text));
    if (delay > 0) job.log.debug("Sending with " + std::to_string(delay) + " millisecond of delay");
    if (line) {
        co_await console.send_line(typing.text);
    } else {
        co_await console.send(typing.text);
    }
}

std::vector<std::string> texts_of(const PatternSet& set) {
    std::vector<std::string> texts;
    for (const auto& pattern : set.patterns()) texts.push_back(pattern.text());
    return texts;
}

}  // namespace

Task<std::optional<DialogueStep>> next_step(ConsoleSession& console, Dialogue& dialogue, Deadline deadline) {
    for (;;) {
        const auto received = console.received();
        auto match = co_await console.wait_some(dialogue.patterns(), deadline.at_most(silence));
        if (match) co_return dialogue.feed(*match);
        if (deadline.passed()) co_return std::nullopt;
        if (console.received() != received) continue;
        if (auto step = dialogue.silence(console.unmatched())) co_return step;
    }
}

void log_wait(JobContext& job, const std::string& who, const Dialogue& dialogue, Deadline deadline) {
    job.log.debug(who + ": Wait for prompt " + python_list(texts_of(dialogue.patterns())) + " (timeout " +
                  format_hms(deadline.left() + 500ms) + ")");
}

Task<bool> hold_dialogue(JobContext& job, ConsoleSession& console, Dialogue& dialogue, std::string who,
                         Deadline deadline) {
    console.character_delay = job.description.character_delays.boot;
    auto step = dialogue.start();
    for (std::uint64_t waits_for = 0;;) {
        for (const auto& line : step.log) job.log.write(line.level, line.text);
        for (const auto& typing : step.typing) co_await type(job, console, typing);
        if (step.next == DialogueStep::Next::finished) co_return true;
        if (step.next == DialogueStep::Next::failed) raise(step.error_type, step.error);
        if (std::exchange(waits_for, dialogue.patterns().id()) != waits_for || !step.typing.empty()) {
            log_wait(job, who, dialogue, deadline);
        }
        auto next = co_await next_step(console, dialogue, deadline);
        if (!next) co_return false;
        step = std::move(*next);
    }
}

}  // namespace patchbay
