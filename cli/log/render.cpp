// SPDX-License-Identifier: Apache-2.0
#include "cli/log/render.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/text/utf8.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::cli {
namespace {

constexpr std::array<std::string_view, 9> known_levels{"debug", "info",   "warning",  "error",  "exception",
                                                       "input", "target", "feedback", "results"};

Colour colour_of_level(std::string_view level) {
    if (level == "debug") return Colour::dim;
    if (level == "info") return Colour::blue;
    if (level == "warning") return Colour::yellow;
    if (level == "error" || level == "exception") return Colour::red;
    if (level == "input") return Colour::magenta;
    if (level == "results") return Colour::cyan;
    return Colour::none;
}

// "2026-01-01T08:44:48.534095+00:00" → "08:44:48.534"
std::string clock_part(const std::string& time) {
    const auto t = time.find_first_of("T ");
    if (t == std::string::npos || time.size() < t + 9) return std::string(12, ' ');
    auto clock = time.substr(t + 1, 8) + ".";
    auto at = t + 9;
    if (at < time.size() && time[at] == '.')
        for (++at; at < time.size() && clock.size() < 12 && time[at] >= '0' && time[at] <= '9'; ++at) clock += time[at];
    clock.resize(12, '0');
    return one_line(clock);
}

void append_lines(std::vector<std::string>& lines, std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    for (;;) {
        const auto end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + 1);
    }
}

std::vector<std::string> lines_of(const LogRecord& record) {
    std::vector<std::string> lines;
    if (const auto* list = record.text.as_list()) {
        for (const auto& item : *list) append_lines(lines, as_text(item));
    } else if (const auto* map = record.text.as_map()) {
        for (const auto& entry : *map) append_lines(lines, as_text(entry.key) + ": " + as_text(entry.value));
    } else {
        append_lines(lines, as_text(record.text));
    }
    if (lines.empty()) lines.emplace_back();
    return lines;
}

}  // namespace

Levels parse_levels(std::string_view list) {
    Levels out;
    while (!list.empty()) {
        const auto comma = list.find(',');
        const auto level = list.substr(0, comma);
        if (std::find(known_levels.begin(), known_levels.end(), level) == known_levels.end()) {
            std::string text = "--level: unknown level '" + std::string{level} + "'; the levels are";
            for (const auto known : known_levels) text += " " + std::string{known};
            throw UserError{text};
        }
        out.emplace(level);
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
    return out;
}

std::string short_number(std::string_view number) {
    const auto plain = number.find_first_not_of("-+0123456789.") == std::string_view::npos;
    if (!plain || number.find('.') == std::string_view::npos) return std::string{number};
    std::string out{number};
    out.erase(out.find_last_not_of('0') + 1);
    if (out.ends_with('.')) out.pop_back();
    return out.empty() || out == "-" || out == "+" ? "0" : out;
}

std::string render_result(const config::Value& result, Paint paint) {
    const auto word = text_at(result, "result");
    const auto padding = std::string(word.size() < 4 ? 4 - word.size() : 0, ' ');
    std::string name = text_at(result, "definition") + "/";
    if (const auto set = text_at(result, "set"); !set.empty()) name += set + "/";
    std::string out =
        paint(colour_of_result(word), one_line(word)) + padding + "  " + one_line(name + text_at(result, "case"));
    if (const auto measurement = text_at(result, "measurement"); !measurement.empty()) {
        const auto units = text_at(result, "units");
        out += "  " + one_line(short_number(measurement) + (units.empty() ? "" : " " + units));
    } else if (const auto duration = text_at(result, "duration"); !duration.empty()) {
        out += "  " + paint(Colour::dim, one_line(duration) + " s");
    }
    const auto type = text_at(result, "error_type");
    const auto text = text_at(result, "error_msg");
    if (!type.empty() || !text.empty()) {
        const auto words = type + (type.empty() || text.empty() ? "" : ": ") + text;
        out += "  " + paint(Colour::red, shorten(one_line(words), 300));
    }
    return out;
}

std::string render(const LogRecord& record, Paint paint) {
    const auto colour = colour_of_level(record.level);
    auto level = one_line(record.level);
    level.resize(std::max<std::size_t>(level.size(), 8), ' ');
    const auto head = paint(Colour::dim, clock_part(record.time)) + "  " + paint(colour, level) + " ";
    if (record.level == "results" && record.text.is_map()) return head + render_result(record.text, paint) + "\n";

    // What a board prints keeps its own colours; our own words get the colour of their level.
    const bool from_board = record.level == "target" || record.level == "feedback";
    const auto colours = from_board && paint.on() ? Colours::keep : Colours::drop;
    const auto space = record.space.empty() ? std::string{} : "[" + one_line(record.space) + "] ";
    std::string out;
    for (const auto& line : lines_of(record)) {
        auto text = printable(line, colours);
        if (!from_board && colour != Colour::blue) text = paint(colour, text);
        out += (out.empty() ? head : std::string(12 + 2 + 8 + 1, ' ')) + space + text + "\n";
    }
    return out;
}

}  // namespace patchbay::cli
