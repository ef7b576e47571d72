// SPDX-License-Identifier: Apache-2.0
// JUnit as the junit_xml package writes it and Python's minidom prints it: tabs, attributes in this order.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "core/config/yaml.hpp"
#include "daemon/api/exports/exports.hpp"
#include "daemon/api/exports/record.hpp"
#include "daemon/api/exports/xml_text.hpp"

namespace patchbay {
namespace {

std::string attribute(std::string_view name, std::string_view value) {
    return " " + std::string{name} + "=\"" + xml_text(value) + "\"";
}
std::string attribute(std::string_view name, std::size_t value) { return attribute(name, std::to_string(value)); }

/// str() of a Python float.
std::string python_float(double number) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    std::string out{text.data(), end};
    if (out.find_first_of(".e") == std::string::npos) out += ".0";
    return out;
}

/// What sum() makes of a suite's durations: the integer 0 when there are none.
std::string python_sum(double sum) { return sum == 0 ? "0" : python_float(sum); }

/// Seconds in the message's `duration`, 0 when it has none.
double duration_of(const CaseRow& row) {
    if (row.suite_name == "lava") return row.measurement ? std::strtod(row.measurement->c_str(), nullptr) : 0;
    if (row.metadata.find("duration:") == std::string::npos) return 0;
    const auto record = export_record(row, JobId{});
    const auto* duration = record.metadata.find("duration");
    return duration ? std::strtod(config::python_str(*duration).c_str(), nullptr) : 0;
}

std::size_t count(const std::vector<const CaseRow*>& cases, CaseResult result) {
    return static_cast<std::size_t>(
        std::count_if(cases.begin(), cases.end(), [&](const CaseRow* row) { return row->result == result; }));
}

double total_time(const std::vector<const CaseRow*>& cases) {
    double sum = 0;
    for (const auto* row : cases) sum += duration_of(*row);
    return sum;
}

void append_case(std::string& out, const CaseRow& row, const std::string& classname, FailureLines& log) {
    out += "\t\t<testcase" + attribute("name", row.name);
    if (const double duration = duration_of(row); duration != 0) {
        std::array<char, 48> seconds;
        std::snprintf(seconds.data(), seconds.size(), "%f", duration);
        out += attribute("time", seconds.data());
    }
    out += attribute("timestamp", format_zoned_time(row.logged, 'T')) + attribute("classname", classname);
    if (row.result == CaseResult::fail) {
        const auto lines = log.of(row);
        out += ">\n\t\t\t<failure type=\"failure\" message=\"failed\"";
        out += lines.empty() ? "/>\n" : ">" + xml_text(lines) + "</failure>\n";
        out += "\t\t</testcase>\n";
    } else if (row.result == CaseResult::skip) {
        out += ">\n\t\t\t<skipped type=\"skipped\" message=\"skipped\"/>\n\t\t</testcase>\n";
    } else {
        out += "/>\n";
    }
}

void append_suite(std::string& out, const std::vector<const CaseRow*>& cases, std::optional<WallTime> ended,
                  const std::string& prefix, FailureLines& log) {
    auto last = cases.front()->logged;
    for (const auto* row : cases) last = std::max(last, row->logged);
    const auto& name = cases.front()->suite_name;
    out += "\t<testsuite disabled=\"0\" errors=\"0\"" + attribute("failures", count(cases, CaseResult::fail)) +
           attribute("name", name) + attribute("skipped", count(cases, CaseResult::skip)) +
           attribute("tests", cases.size()) + attribute("time", python_sum(total_time(cases))) +
           attribute("timestamp", format_zoned_time(ended.value_or(last), 'T')) + ">\n";
    const auto classname = prefix.empty() ? name : prefix + "_" + name;
    for (const auto* row : cases) append_case(out, *row, classname, log);
    out += "\t</testsuite>\n";
}

}  // namespace

std::string export_junit(const std::vector<CaseRow>& rows, std::optional<WallTime> ended,
                         const std::string& classname_prefix, const LogLines& log) {
    std::string out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
    if (rows.empty()) return out + "<testsuites/>\n";
    const auto suites = by_suite(rows);
    std::size_t failures = 0;
    double time = 0;
    for (const auto& cases : suites) {
        failures += count(cases, CaseResult::fail);
        time += total_time(cases);
    }
    out += "<testsuites disabled=\"0\" errors=\"0\"" + attribute("failures", failures) +
           attribute("tests", rows.size()) + attribute("time", python_float(time)) + ">\n";
    FailureLines failure_log{log};
    for (const auto& cases : suites) append_suite(out, cases, ended, classname_prefix, failure_log);
    return out + "</testsuites>\n";
}

}  // namespace patchbay
