// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/monitor.hpp"

#include "core/config/python_text.hpp"
#include "jobs/results/record.hpp"

namespace patchbay {
std::string suite_of_monitor(std::string_view name) {
    auto suite = lower(name);
    for (auto& c : suite) {
        if (c == ' ') c = '-';
    }
    return suite;
}

std::string case_of_monitor(std::string_view id) {
    static const Pattern not_word{R"(\W+)"};
    const auto stripped = lower(config::python_strip(id));
    std::string name;
    for (std::size_t at = 0; at < stripped.size();) {
        const auto found = not_word.search(stripped, at);
        if (!found) return name + stripped.substr(at);
        name += stripped.substr(at, found.groups[0].begin - at) + "_";
        at = found.groups[0].end;
    }
    return name;
}

Monitor::Monitor(MonitorSettings settings)
    : settings_{std::move(settings)},
      suite_{suite_of_monitor(settings_.name)},
      waiting_{PatternSet::of({settings_.start})},
      running_{PatternSet::of({settings_.end, settings_.pattern}, SearchWindow::two_reads, AtEnd::hold)},
      report_{settings_.expected} {}

LogLine Monitor::begin() const { return {LogLevel::info, "Waiting for start message: " + settings_.start}; }

TestEffects Monitor::feed(const Match& match) {
    TestEffects out;
    if (!started_) {
        started_ = true;
        out.push_back(LogLine{LogLevel::info, "ok: start string found, lava test monitoring started"});
    } else if (match.index == 0) {
        out.push_back(LogLine{LogLevel::info, "ok: end string found, lava test monitoring stopped"});
        report_missing(out);
        out.push_back(EndEffect{});
    } else {
        test_case(match, out);
    }
    return out;
}

void Monitor::test_case(const Match& match, TestEffects& out) {
    if (match.text.empty()) {
        // It would match again at the same place, for ever.
        out.push_back(RaiseEffect{"The pattern of monitor " + settings_.name +
                                  " matches an empty text; make it match something"});
        return;
    }
    out.push_back(LogLine{LogLevel::info, "ok: test case found"});
    const auto* id = match.group("test_case_id");
    const auto* word = match.group("result");
    const auto* measurement = match.group("measurement");
    const auto name = id ? case_of_monitor(*id) : std::string{};
    if (name.empty() || (!word && !measurement)) {
        out.push_back(LogLine{LogLevel::error, "error: the pattern matched without a test case: " + match.text});
        return;
    }
    const auto result = word ? fix_up(settings_.fixup, *word) : "pass";
    if (!is_result_word(result)) {
        out.push_back(LogLine{LogLevel::error, "error: bad test results: " + result});
        return;
    }
    auto map = make_result(suite_, name, result);
    map.set("level", settings_.level);
    map.set("extra", config::Map{{"test_case_id", *id}});
    // A group that took no part is left out: LAVA 2023.01 writes null, and its server then drops the case.
    if (measurement && !word) {
        const auto number = parse_measurement(*measurement);
        if (!number) {
            out.push_back(LogLine{LogLevel::error, "error: bad measurement: " + *measurement});
            return;
        }
        set_measurement(map, *number, out);
    } else if (measurement) {
        set_measurement(map, *measurement, out);
    }
    if (const auto* units = match.group("units"); units && map.contains("measurement")) map.set("units", *units);
    out.push_back(LogLine{LogLevel::debug, "test_case_id: " + name});
    report_.take(name, std::move(map), out);
}

TestEffects Monitor::timed_out() {
    TestEffects out;
    out.push_back(LogLine{LogLevel::warning, "err: lava test monitoring has timed out"});
    out.push_back(LogLine{LogLevel::warning, "The end string of monitor '" + settings_.name +
                                                 "' never came: cases after this are not seen; raise "
                                                 "timeouts.connections.lava-test-monitor if the test is just slow"});
    report_missing(out);
    return out;
}

TestEffects Monitor::interrupted() {
    TestEffects out;
    report_missing(out);
    return out;
}

void Monitor::report_missing(TestEffects& out) { report_.fail_missing(suite_, settings_.level, out); }

}  // namespace patchbay
