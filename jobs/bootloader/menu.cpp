// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/menu.hpp"

#include <algorithm>
#include <cctype>

#include "jobs/bootloader/echo.hpp"

namespace patchbay {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::string escaped(std::string_view text) {
    std::string expression;
    for (const char c : text) {
        if (!std::isalnum(static_cast<unsigned char>(c)) && c != ' ') expression += '\\';
        expression += c;
    }
    return expression;
}

Pattern entry_pattern(const MenuMarkup& markup) {
    return Pattern{escaped(markup.open) + "([" + markup.item_class + "]+)" + escaped(markup.close) + markup.separator +
                   "([" + markup.label_class + "]*)"};
}

}  // namespace

std::optional<std::string> find_menu_entry(const MenuMarkup& markup, std::string_view screen, std::string_view label) {
    const auto pattern = entry_pattern(markup);
    // Some firmware redraws a screen in place, without a line end between entries.
    std::optional<std::string> found;
    for (std::size_t begin = 0; begin <= screen.size();) {
        const auto end = std::min(screen.find('\n', begin), screen.size());
        const auto line = printable(screen.substr(begin, end - begin));
        for (std::size_t from = 0; from <= line.size();) {
            const auto entry = pattern.search(line, from);
            if (!entry) break;
            const auto text =
                std::string_view{line}.substr(entry.groups[2].begin, entry.groups[2].end - entry.groups[2].begin);
            if (trimmed(text) == trimmed(label)) {
                found = line.substr(entry.groups[1].begin, entry.groups[1].end - entry.groups[1].begin);
            }
            from = entry.groups[0].end;
        }
        begin = end + 1;
    }
    return found;
}

MenuDialogue::MenuDialogue(MenuPlan plan)
    : plan_{std::move(plan)}, error_{plan_.errors}, prompt_{plan_.prompt}, patterns_{error_.patterns_with(prompt_)} {
    static_cast<void>(entry_pattern(plan_.markup));
    for (const auto& step : plan_.steps) {
        auto selects = step;
        selects.enter.reset();
        selects.escape = false;
        for (const auto& item : step.items) moves_.push_back({selects, item});
        // In LAVA's order, should one step have them all.
        auto typed = step;
        typed.enter.reset();
        if (step.escape) moves_.push_back({typed, ""});
        typed = step;
        typed.escape = false;
        if (step.enter) moves_.push_back({typed, ""});
    }
}

void MenuDialogue::await(const std::string& expression) {
    if (expression == prompt_) return;
    prompt_ = expression;
    patterns_ = error_.patterns_with(prompt_);
}

DialogueStep MenuDialogue::feed(const Match& match) {
    if (error_.begun()) return error_.end(match.before);
    if (match.index > 0) return error_.begin(match);
    DialogueStep step;
    screen_ = match.before + match.text;
    while (next_ < moves_.size()) {
        const auto& move = moves_[next_++];
        if (!make(move, step)) return step;
        if (move.step.wait.empty()) continue;  // what comes next is typed into the same menu
        await(move.step.wait);
        return step;
    }
    if (!plan_.boot_message.empty() && !at_end_) {
        at_end_ = true;
        await(plan_.boot_message);
        return step;
    }
    step.next = DialogueStep::Next::finished;
    return step;
}

std::optional<DialogueStep> MenuDialogue::silence(std::string_view unmatched) {
    if (error_.begun()) return error_.end(unmatched);
    return std::nullopt;
}

/// Types what the move says; false: it cannot be made.
bool MenuDialogue::make(const Move& move, DialogueStep& step) const {
    if (move.step.enter) {
        step.log.push_back({LogLevel::debug, "Sending " + *move.step.enter + " Ctrl-M"});
        step.typing.push_back({Typing::Kind::bytes, *move.step.enter});
        step.typing.push_back({Typing::Kind::control, "m"});
        return true;
    }
    if (move.step.escape) {
        step.log.push_back({LogLevel::debug, "Sending escape"});
        step.typing.push_back({Typing::Kind::bytes, "\x1b"});
        return true;
    }
    auto selector = find_menu_entry(plan_.markup, screen_, move.label);
    if (!selector && !move.step.fallback.empty()) {
        step.log.push_back(
            {LogLevel::warning, "no entry '" + move.label + "' in the menu, taking '" + move.step.fallback + "'"});
        selector = find_menu_entry(plan_.markup, screen_, move.step.fallback);
    }
    if (!selector) {
        step.next = DialogueStep::Next::failed;
        step.error_type = ErrorType::job;
        step.error = "No selection was made";
        step.log.push_back({LogLevel::error, "no entry '" + move.label + "' in the menu above"});
        return false;
    }
    step.log.push_back({LogLevel::debug, "Selecting option " + *selector});
    step.typing.push_back({Typing::Kind::line, *selector});
    return true;
}

}  // namespace patchbay
