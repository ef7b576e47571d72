// SPDX-License-Identifier: Apache-2.0
#include "cli/results/show.hpp"

#include <algorithm>

#include "cli/json.hpp"
#include "cli/log/render.hpp"
#include "cli/results/result_cell.hpp"
#include "cli/text/table.hpp"
#include "cli/text/utf8.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::cli {
namespace {

constexpr std::string_view own_suite = "lava";

bool is_shown(const TestCase& result, const ResultsView& view) {
    if (!view.suite.empty() && result.suite != view.suite) return false;
    if (view.failed_only || (view.suite.empty() && result.suite == own_suite)) return result.result == "fail";
    return true;
}

void check_suite(const Report& report, const std::string& suite) {
    if (suite.empty()) return;
    std::string names;
    for (const auto& result : report.cases) {
        if (result.suite == suite) return;
        if ((" " + names + ",").find(" " + result.suite + ",") == std::string::npos)
            names += (names.empty() ? "" : ", ") + result.suite;
    }
    throw UserError{"job " + report.job + ": no suite '" + suite + "'" +
                    (names.empty() ? "; it has no results" : "; it has " + names)};
}

std::string table_of(const Report& report, const ResultsView& view, std::size_t width, Paint paint) {
    Table table{{{"SUITE", Align::left, Fit::shrink},
                 {"CASE", Align::left, Fit::shrink},
                 {"RESULT"},
                 {"MEASURED", Align::right},
                 {"UNIT", Align::left, Fit::shrink}}};
    std::string above;
    for (const auto& result : report.cases) {
        if (!is_shown(result, view)) continue;
        // On a terminal a suite is named once; in a pipe every line stands alone.
        const bool repeats = width != 0 && result.suite == above;
        above = result.suite;
        const auto name = result.set.empty() ? result.name : result.set + "/" + result.name;
        table.add({{repeats ? "" : result.suite, Colour::bold},
                   {name},
                   result_cell(result.result, result.mark),
                   {short_number(result.measurement)},
                   {result.unit, Colour::dim}});
    }
    return table.str(width, paint);
}

std::string counts_line(const Counts& counts, Paint paint) {
    if (counts.total == 0) return "no test cases\n";
    std::string out = std::to_string(counts.total) + (counts.total == 1 ? " case: " : " cases: ");
    const auto part = [&](std::size_t number, const char* word, Colour colour) {
        if (number == 0) return;
        if (!out.ends_with(": ")) out += ", ";
        out += paint(colour, std::to_string(number) + " " + word);
    };
    part(counts.pass, "passed", Colour::green);
    part(counts.fail, "failed", Colour::red);
    part(counts.skip, "skipped", Colour::yellow);
    part(counts.unknown, "unknown", Colour::magenta);
    return out + "\n";
}

/// Nothing where nothing was expected.
std::string expected_line(const Report& report, Paint paint) {
    const auto marked = [](const TestCase& c) { return !c.mark.empty(); };
    if (std::ranges::none_of(report.cases, marked)) return {};
    const auto bad =
        std::ranges::count_if(report.cases, [&](const TestCase& c) { return marked(c) && is_bad(c.result, c.mark); });
    if (bad == 0) return paint(Colour::green, "all as expected") + "\n";
    return paint(Colour::red, std::to_string(bad) + " not as expected") + "\n";
}

std::string end_line(const Report& report, Paint paint) {
    std::string out = report.job.empty() ? "the job" : "job " + report.job;
    const auto& word = report.finished() ? report.health : report.state;
    out += (report.finished() ? " is " : " is still ") + paint(colour_of_state(word), word);
    if (!report.device.empty()) out += " on " + one_line(report.device);
    if (report.duration) out += " after " + duration_text(*report.duration);
    return out + "\n";
}

/// LAVA prints what is wrong with a job as a Python list: Invalid job data: ['…', '…'].
std::string one_problem_a_line(const std::string& message) {
    constexpr std::string_view begin = "Invalid job data: ";
    if (!message.starts_with(begin)) return message;
    std::string out{begin.substr(0, begin.size() - 1)};
    try {
        const auto list = config::parse_yaml(message.substr(begin.size()));
        if (!list.is_list()) return message;
        for (const auto& problem : *list.as_list()) out += "\n" + as_text(problem);
    } catch (const config::YamlError&) {
        return message;  // a quote in it that YAML writes otherwise
    }
    return out;
}

std::string error_lines(const Report& report, Paint paint) {
    if (report.error_type.empty() && report.error_msg.empty()) return {};
    auto out =
        report.health == "Canceled"
            ? std::string{"reason:"}
            : paint(Colour::red, (report.error_type.empty() ? "" : one_line(report.error_type) + " ") + "error:");
    const auto message = one_problem_a_line(report.error_msg);
    // A console's last words can be pages; the log has them all.
    std::string_view text{message};
    constexpr std::size_t most_lines = 10;
    for (std::size_t lines = 0; !text.empty(); ++lines) {
        if (lines == most_lines) return out + "\n  …\n";
        const auto end = text.find('\n');
        out += (lines ? "\n  " : " ") + printable(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return out + "\n";
}

}  // namespace

std::string show_report(const Report& report, const ResultsView& view, std::size_t width, Paint paint) {
    check_suite(report, view.suite);
    auto out = table_of(report, view, width, paint);
    if (!out.empty()) out += '\n';
    out += counts_line(count_tests(report), paint) + expected_line(report, paint);
    const auto steps = std::count_if(report.cases.begin(), report.cases.end(),
                                     [](const TestCase& c) { return c.suite == own_suite && c.result != "fail"; });
    if (view.suite.empty() && !view.failed_only && steps > 0)
        out += paint(Colour::dim, std::to_string(steps) + (steps == 1 ? " step" : " steps") +
                                      " of the job itself not shown (--suite lava)") +
               "\n";
    out += end_line(report, paint);
    return out + error_lines(report, paint);
}

std::string duration_text(std::chrono::seconds time) {
    const auto total = std::max<long long>(time.count(), 0);
    const auto hours = total / 3600, minutes = total / 60 % 60, seconds = total % 60;
    if (hours) return std::to_string(hours) + " h " + std::to_string(minutes) + " min";
    if (minutes) return std::to_string(minutes) + " min " + std::to_string(seconds) + " s";
    return std::to_string(seconds) + " s";
}

}  // namespace patchbay::cli
