// SPDX-License-Identifier: Apache-2.0
#include "cli/results/report.hpp"

#include <algorithm>
#include <cstdio>

#include "cli/json.hpp"
#include "cli/results/result_cell.hpp"

namespace patchbay::cli {
namespace {

constexpr std::string_view own_suite = "lava";

std::optional<std::chrono::sys_seconds> parse_time(std::string_view text) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    const std::string copy{text};
    if (std::sscanf(copy.c_str(), "%d-%d-%d%*1[T ]%d:%d:%d", &year, &month, &day, &hour, &minute, &second) != 6)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
           std::chrono::seconds{second};
}

config::Value text_or_null(const std::string& text) { return text.empty() ? config::Value{} : config::Value{text}; }

config::Value number(std::size_t value) { return config::Value{static_cast<std::int64_t>(value)}; }

config::Value case_json(const TestCase& result) {
    config::Map out;
    put(out, "suite", result.suite);
    put(out, "set", text_or_null(result.set));
    put(out, "case", result.name);
    put(out, "result", text_or_null(result.result));
    if (!result.mark.empty()) put(out, "mark", result.mark);
    put(out, "measurement", text_or_null(result.measurement));
    put(out, "unit", text_or_null(result.unit));
    if (!result.error_type.empty()) put(out, "error_type", result.error_type);
    if (!result.error_msg.empty()) put(out, "error_msg", result.error_msg);
    return config::Value{std::move(out)};
}

}  // namespace

Counts count_tests(const Report& report) {
    Counts counts;
    for (const auto& result : report.cases) {
        if (result.suite == own_suite || result.result.empty()) continue;
        ++counts.total;
        if (result.result == "pass")
            ++counts.pass;
        else if (result.result == "fail")
            ++counts.fail;
        else if (result.result == "skip")
            ++counts.skip;
        else
            ++counts.unknown;
    }
    return counts;
}

Exit verdict(const Report& report) {
    if (report.health != "Complete") return Exit::broken;
    const auto bad = [](const TestCase& c) { return c.suite != own_suite && is_bad(c.result, c.mark); };
    return std::ranges::any_of(report.cases, bad) ? Exit::failed_cases : Exit::ok;
}

TestCase case_from_record(const config::Value& message) {
    TestCase out;
    out.suite = text_at(message, "definition");
    out.set = text_at(message, "set");
    out.name = text_at(message, "case");
    out.result = text_at(message, "result");
    out.measurement = text_at(message, "measurement");
    out.unit = text_at(message, "units");
    if (out.suite == own_suite) {
        out.measurement = text_at(message, "duration");
        out.unit = out.measurement.empty() ? "" : "seconds";
    }
    out.error_type = text_at(message, "error_type");
    out.error_msg = text_at(message, "error_msg");
    return out;
}

void add_case(Report& report, TestCase result) {
    if (result.suite == own_suite && result.name == "job" && result.result == "fail") {
        report.error_type = result.error_type;
        report.error_msg = result.error_msg;
    }
    report.cases.push_back(std::move(result));
}

config::Value report_json(const Report& report) {
    const auto counts = count_tests(report);
    config::Map numbers;
    put(numbers, "total", number(counts.total));
    put(numbers, "pass", number(counts.pass));
    put(numbers, "fail", number(counts.fail));
    put(numbers, "skip", number(counts.skip));
    put(numbers, "unknown", number(counts.unknown));
    config::List cases;
    for (const auto& result : report.cases) cases.push_back(case_json(result));
    config::Map out;
    put(out, "job", text_or_null(report.job));
    put(out, "description", text_or_null(report.title));
    put(out, "device", text_or_null(report.device));
    put(out, "state", report.state);
    put(out, "health", report.health);
    put(out, "duration", report.duration ? config::Value{std::int64_t{report.duration->count()}} : config::Value{});
    put(out, "error_type", text_or_null(report.error_type));
    put(out, "error_msg", text_or_null(report.error_msg));
    put(out, "counts", config::Value{std::move(numbers)});
    put(out, "cases", config::Value{std::move(cases)});
    put(out, "exit_code",
        report.finished() ? config::Value{std::int64_t{static_cast<int>(verdict(report))}} : config::Value{});
    return config::Value{std::move(out)};
}

std::optional<std::chrono::seconds> seconds_between(std::string_view start, std::string_view end) {
    const auto from = parse_time(start);
    const auto to = parse_time(end);
    if (!from || !to) return std::nullopt;
    return *to - *from;
}

}  // namespace patchbay::cli
