// SPDX-License-Identifier: Apache-2.0
#include "daemon/workers/worker_line.hpp"

#include <array>
#include <charconv>

#include "core/config/yaml.hpp"
#include "jobs/journal/log_record.hpp"
#include "jobs/results/case.hpp"

namespace patchbay {
namespace {

// A line of LAVA's runner has a million characters at most, each of them up to ten bytes of YAML.
constexpr config::YamlLimits line_limits{10'000'000, 50, 100'000};
// In the words about a line that cannot be read.
constexpr std::size_t most_of_a_problem = 300;

/// Most lines are JSON as well, which is read ten times faster.
config::Value parse(std::string_view text) {
    try {
        return config::parse_json(text, line_limits);
    } catch (const config::YamlError&) {
        return config::parse_yaml(text, line_limits);
    }
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (text.size() < at + count) return std::nullopt;
    int number = 0;
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        number = 10 * number + (c - '0');
    }
    return number;
}

/// "2026-01-01T00:00:00.000001", with or without a fraction and "+00:00", which is the only offset there is.
std::optional<WallTime> read_time(std::string_view text) {
    using namespace std::chrono;
    const auto year_number = digits(text, 0, 4), month_number = digits(text, 5, 2), day_number = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
    if (!year_number || !month_number || !day_number || !hour || !minute || !second) return std::nullopt;
    const year_month_day date{year{*year_number}, month(static_cast<unsigned>(*month_number)),
                              day(static_cast<unsigned>(*day_number))};
    if (!date.ok() || *year_number < 1970 || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    int fraction = 0;
    if (text.size() > 20 && text[19] == '.') fraction = digits(text, 20, 6).value_or(0);
    return WallTime{sys_days{date}} + hours{*hour} + minutes{*minute} + seconds{*second} + microseconds{fraction};
}

std::optional<LogLevel> read_level(std::string_view word) {
    constexpr std::array all{LogLevel::debug,   LogLevel::info,      LogLevel::warning,
                             LogLevel::error,   LogLevel::input,     LogLevel::target,
                             LogLevel::results, LogLevel::exception, LogLevel::feedback};
    if (word == to_string(LogLevel::event)) return LogLevel::debug;  // clients know no other word
    for (const auto level : all)
        if (to_string(level) == word) return level;
    return std::nullopt;
}

WorkerLine unreadable(const std::string& problem, WallTime now) {
    WorkerLine out;
    append_log_record(out.record, now, LogLevel::warning,
                      "a line of the worker's log cannot be read: " + problem.substr(0, most_of_a_problem));
    return out;
}

void add_result(WorkerLine& out, const config::Value& given, JobId job, WallTime time, SecretMask& mask) {
    const auto* map = given.as_map();
    const auto message = map ? config::Value{mask.masked_result(*map)} : mask.masked_value(given);
    if (map) {
        append_result_record(out.record, time, *message.as_map());
    } else {
        append_value_record(out.record, time, LogLevel::results, message);
    }
    auto reading = read_case(message, job);
    if (reading.test_case) out.test_case = new_case(std::move(*reading.test_case));
    out.comment = std::move(reading.comment);
}

WorkerLine read_record(const config::Value& record, JobId job, WallTime now, SecretMask& mask) {
    if (!record.is_map()) return unreadable("it is no map", now);
    const auto word = config::string_or_empty(record.find("lvl"));
    const auto level = read_level(word);
    if (!level) return unreadable("its level is '" + word.substr(0, 20) + "'", now);
    const auto time = read_time(config::text_or_empty(record.find("dt"))).value_or(now);
    static const config::Value nothing{""};
    const auto* given = record.find("msg");
    const auto& message = given && !given->is_null() ? *given : nothing;
    WorkerLine out;
    const auto* text = message.as_string();
    if (level == LogLevel::results) {
        add_result(out, message, job, time, mask);
    } else if (!text) {
        append_value_record(out.record, time, *level, mask.masked_value(message));
    } else if (level == LogLevel::feedback) {
        append_feedback_record(out.record, time, config::text_or_empty(record.find("ns")).substr(0, 1000),
                               mask.masked(*text));
    } else {
        append_log_record(out.record, time, *level, mask.masked(*text));
    }
    return out;
}

}  // namespace

WorkerLine read_worker_line(std::string_view line, JobId job, WallTime now, SecretMask& mask) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with("- ")) return unreadable("it does not begin with '- '", now);
    try {
        return read_record(parse(line.substr(2)), job, now, mask);
    } catch (const config::YamlError& error) {
        return unreadable(error.problem, now);
    }
}

std::vector<std::string_view> split_worker_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty() && lines.size() < most_worker_lines) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return lines;
}

}  // namespace patchbay
