// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/exports/record.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

config::Value read_metadata(const CaseRow& row) {
    config::Value metadata{config::Map{}};
    try {
        if (auto parsed = config::parse_yaml(row.metadata); parsed.is_map()) metadata = std::move(parsed);
    } catch (const config::YamlError&) {
        // A row of a damaged database still has its columns.
    }
    if (row.extra.empty()) return metadata;
    config::Value extra;
    try {
        extra = config::parse_json(row.extra);
    } catch (const config::YamlError&) {
        return metadata;
    }
    if (const auto* map = extra.as_map()) {
        config::List list;
        for (const auto& [key, value] : *map) {
            config::Map one;
            one.set(key, value);
            list.emplace_back(std::move(one));
        }
        const auto name = [](const config::Value& entry) { return config::python_str(entry.as_map()->begin()->key); };
        std::stable_sort(list.begin(), list.end(),
                         [&](const auto& left, const auto& right) { return name(left) < name(right); });
        extra = std::move(list);
    }
    // Its place is among the sorted keys, where LAVA's message has a path.
    config::Map with_extra;
    for (auto& [key, value] : *metadata.as_map()) {
        if (!with_extra.contains("extra") && config::python_str(key) > "extra") with_extra.set("extra", extra);
        with_extra.set(key, std::move(value));
    }
    if (!with_extra.contains("extra")) with_extra.set("extra", std::move(extra));
    return with_extra;
}

/// The stored column has ten digits after the point; what was reported is in the message.
std::string measurement_text(const CaseRow& row, const config::Value& metadata) {
    if (!row.measurement) return "None";
    const auto* reported = metadata.find(row.suite_name == "lava" ? "duration" : "measurement");
    if (reported && reported->is_double()) return exact_decimal(*reported->as_double());
    if (reported && !reported->is_null()) return config::python_str(*reported);
    return *row.measurement;
}

std::string line_text(const std::optional<std::int64_t>& line) {
    return line && *line != 0 ? std::to_string(*line) : std::string{};
}

}  // namespace

std::string exact_decimal(double number) {
    if (number == 0 || !std::isfinite(number)) return "0";
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), "%.29e", std::fabs(number));  // glibc prints every digit exactly
    std::string digits{text[0]};
    digits.append(text.data() + 2, 29);
    const int exponent = std::atoi(text.data() + 32);
    digits.erase(digits.find_last_not_of('0') + 1);
    const auto count = static_cast<int>(digits.size());
    std::string out = number < 0 ? "-" : "";
    if (exponent < 0) return out + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
    if (count <= exponent + 1) return out + digits + std::string(static_cast<std::size_t>(exponent + 1 - count), '0');
    digits.insert(static_cast<std::size_t>(exponent + 1), 1, '.');
    return out + digits;
}

ExportRecord export_record(const CaseRow& row, JobId job) {
    ExportRecord record;
    record.metadata = read_metadata(row);
    record.name = row.name;
    record.job = std::to_string(job.value);
    record.suite = row.suite_name;
    record.result = to_string(row.result);
    record.measurement = measurement_text(row, record.metadata);
    record.unit = row.units;
    record.level = config::text_or_empty(record.metadata.find("level"));
    record.url = "/results/testcase/" + std::to_string(row.id.value);
    record.id = std::to_string(row.id.value);
    record.logged = format_zoned_time(row.logged);
    record.log_start_line = line_text(row.start_log_line);
    record.log_end_line = line_text(row.end_log_line);
    return record;
}

std::vector<ExportRecord> export_records(const std::vector<CaseRow>& rows, JobId job) {
    std::vector<ExportRecord> records;
    records.reserve(rows.size());
    for (const auto& row : rows) records.push_back(export_record(row, job));
    return records;
}

}  // namespace patchbay
