// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/loader_error.hpp"

#include <algorithm>

#include "core/last_line.hpp"
#include "jobs/bootloader/echo.hpp"

namespace patchbay {
namespace {

/// Longer lines are told from their end.
constexpr std::size_t told = 200;

std::string readable(std::string_view line) {
    auto text = printable(line);
    const auto end = text.find_last_not_of(' ');
    text.erase(end == text.npos ? 0 : end + 1);
    text.erase(0, text.find_first_not_of(' '));
    if (text.size() <= told) return text;
    auto at = text.size() - told;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
    return "…" + text.substr(at);
}

/// What stands behind the last line end.
std::string_view open_line(std::string_view text) {
    const auto at = text.rfind('\n');
    return at == text.npos ? text : text.substr(at + 1);
}

/// The last line of an answer: above the prompt, and not the echo of the command.
std::string answer_in(std::string_view output, const std::string& command) {
    const auto end = output.rfind('\n');
    if (end == output.npos) return {};
    auto line = readable(last_line(output.substr(0, end)));
    return line.ends_with(readable(command)) ? std::string{} : line;
}

/// An expression's '.' goes beyond the end of a line, so a match may be longer than what the loader meant by it.
std::string line_with(const std::string& expression, const std::string& text) {
    const Pattern pattern{expression};
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size() - 1) + 1;
        const auto line = text.substr(begin, end - begin);
        if (pattern.search(line)) return line;
        begin = end;
    }
    return text;
}

DialogueStep failed(std::string error) {
    DialogueStep step;
    step.next = DialogueStep::Next::failed;
    step.error = std::move(error);
    return step;
}

}  // namespace

LoaderError::LoaderError(ErrorMessages messages) : messages_{std::move(messages)}, line_end_{PatternSet::of({"\n"})} {}

PatternSet LoaderError::patterns_with(const std::string& wanted) const {
    std::vector<std::string> all{wanted};
    all.insert(all.end(), messages_.expressions.begin(), messages_.expressions.end());
    return PatternSet::of(all);
}

DialogueStep LoaderError::begin(const Match& match) {
    begun_ = "matched a bootloader error message: '" + messages_.expressions.at(match.index - 1) + "' (" +
             std::to_string(match.index) + ")";
    line_ = line_with(messages_.expressions.at(match.index - 1), std::string{open_line(match.before)} + match.text);
    const bool whole = line_.ends_with('\n');
    return whole ? end("") : DialogueStep{};
}

DialogueStep LoaderError::end(std::string_view rest) const {
    const auto line = readable(line_ + std::string{rest});
    return failed(begun_ + "; " + messages_.loader + " said: " + line);
}

DialogueStep back_at_prompt(const std::string& prompt, const std::string& command, const std::string& awaited,
                            std::string_view output) {
    const auto answer = answer_in(output, command);
    return failed("the boot loader is back at its prompt '" + prompt + "' after its last command '" + command +
                  "', without '" + awaited + "'; " +
                  (answer.empty() ? "its answer is in the log above" : "it said: " + answer));
}

}  // namespace patchbay
