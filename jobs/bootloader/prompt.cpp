// SPDX-License-Identifier: Apache-2.0
#include "jobs/bootloader/prompt.hpp"

#include <optional>

#include "jobs/bootloader/echo.hpp"

namespace patchbay {
namespace {

/// Looked at from the end; more was never a prompt.
constexpr std::size_t tail_size = 4096;
/// How many lines of something else may stand in a prompt.
constexpr int lines_between = 2;
/// A USB device that comes or goes is told of in some more of the kernel's.
constexpr int kernel_lines_between = 16;

/// Whole characters from the end of `output`.
std::string_view tail_of(std::string_view output) {
    if (output.size() <= tail_size) return output;
    auto tail = output.substr(output.size() - tail_size);
    while (!tail.empty() && (static_cast<unsigned char>(tail.front()) & 0xC0) == 0x80) tail.remove_prefix(1);
    return tail;
}

std::string_view trimmed_end(std::string_view text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool is_plain(std::string_view expression) {
    return expression.find_first_of("\\^$.|?*+()[]{}\r\n") == std::string_view::npos;
}

/// What stands in a line behind a prompt; nothing: there is no prompt. The prompt itself may be in an earlier match.
std::optional<std::string_view> behind(const Pattern& prompt, std::string_view line) {
    const auto found = prompt.search(line, 0);
    if (!found) return std::nullopt;
    return trimmed_end(line.substr(found.groups[0].end));
}

/// Takes the last line of `text` off it; without its line end.
std::string_view take_last_line(std::string_view& text) {
    const auto at = text.rfind('\n');
    const auto line = at == text.npos ? text : text.substr(at + 1);
    text = at == text.npos ? std::string_view{} : text.substr(0, at);
    return line;
}

/// Where the kernel's message begins in this line.
std::optional<std::size_t> stamp_in(std::string_view line) {
    static const Pattern stamp{R"((?:<[0-9]+>)?\[ *[0-9]+\.[0-9]+\])"};
    const auto found = stamp.search(line);
    if (!found) return std::nullopt;
    return found.groups[0].begin;
}

bool is_cut_by_kernel(const Pattern& prompt, std::string_view output) {
    const auto second = take_last_line(output);
    if (printable(second).empty() || ends_at_prompt(prompt, second)) return false;
    for (int i = 0; i < kernel_lines_between && !output.empty(); ++i) {
        const auto line = take_last_line(output);
        const auto stamp = stamp_in(line);
        if (!stamp) return false;
        if (*stamp > 0) return ends_at_prompt(prompt, std::string{line.substr(0, *stamp)} + std::string{second});
    }
    return false;
}

bool is_cut_by_firmware(const Pattern& prompt, std::string_view output) {
    if (!is_plain(prompt.text())) return false;
    const auto whole = trimmed_end(prompt.text());
    const auto plain = printable(take_last_line(output));
    const auto second = trimmed_end(plain);
    if (second.empty() || second.size() >= whole.size() || !whole.ends_with(second)) return false;
    const auto first = whole.substr(0, whole.size() - second.size());
    // One letter of a long prompt begins many a line.
    if (first.size() * 3 < whole.size()) return false;
    for (int i = 0; i < lines_between && !output.empty(); ++i) {
        const auto line = printable(take_last_line(output));
        if (line.starts_with(first)) return true;
    }
    return false;
}

}  // namespace

bool ends_at_prompt(const Pattern& prompt, std::string_view output) {
    const auto tail = tail_of(output);
    for (std::size_t from = 0; from <= tail.size();) {
        const auto found = prompt.search(tail, from);
        if (!found) return false;
        const auto [begin, end] = found.groups[0];
        if (end > begin && printable(trimmed_end(tail.substr(end))).find_first_not_of(" \t") == std::string::npos &&
            tail.substr(end).find('\n') == std::string_view::npos) {
            return true;
        }
        from = begin + 1;
        while (from < tail.size() && (static_cast<unsigned char>(tail[from]) & 0xC0) == 0x80) ++from;
    }
    return false;
}

bool is_back_at_prompt(const Pattern& prompt, std::string_view command, std::string_view output) {
    // A console without an echo may still give a second prompt for the key that stopped the loader.
    auto above = tail_of(output);
    take_last_line(above);
    if (printable(above).find_first_not_of(' ') == std::string::npos) return false;
    if (ends_at_prompt(prompt, output)) return true;
    const auto echo = output.rfind(command);
    if (command.empty() || echo == output.npos || output.find('\n', echo) == output.npos) return false;
    auto before = output.substr(0, echo);
    const auto typed_at = printable(take_last_line(before));
    const auto here = printable(take_last_line(output));
    const auto rest = behind(prompt, typed_at).value_or(trimmed_end(typed_at));
    return !rest.empty() && behind(prompt, here) == rest;
}

bool ends_at_cut_prompt(const Pattern& prompt, std::string_view output) {
    const auto tail = tail_of(output);
    return is_cut_by_firmware(prompt, tail) || is_cut_by_kernel(prompt, tail);
}

bool is_blank(std::string_view output) { return printable(output).find_first_not_of(' ') == std::string::npos; }

std::string cut_prompt_warning(const std::string& prompt) {
    return "the prompt '" + prompt + "' came in two parts, with other output between them; going on";
}

}  // namespace patchbay
