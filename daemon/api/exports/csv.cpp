// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "daemon/api/exports/exports.hpp"
#include "daemon/api/exports/record.hpp"

namespace patchbay {
namespace {

void append_field(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

struct Column {
    std::string_view name;
    std::string ExportRecord::*text;  ///< nullptr: always empty, but for metadata
};

constexpr Column columns[] = {
    {"job", &ExportRecord::job},
    {"suite", &ExportRecord::suite},
    {"result", &ExportRecord::result},
    {"measurement", &ExportRecord::measurement},
    {"unit", &ExportRecord::unit},
    {"duration", nullptr},
    {"timeout", nullptr},
    {"logged", &ExportRecord::logged},
    {"level", &ExportRecord::level},
    {"metadata", nullptr},
    {"url", &ExportRecord::url},
    {"name", &ExportRecord::name},
    {"id", &ExportRecord::id},
    {"log_start_line", &ExportRecord::log_start_line},
    {"log_end_line", &ExportRecord::log_end_line},
};

/// The fields are `text` of each column.
template <class Columns, class Text>
void append_line(std::string& out, const Columns& all, Text text) {
    bool first = true;
    for (const auto& column : all) {
        if (!first) out += ',';
        first = false;
        append_field(out, text(column));
    }
    out += "\r\n";
}

}  // namespace

std::string export_csv(const std::vector<CaseRow>& rows, JobId job) {
    std::string out;
    append_line(out, columns, [](const Column& column) { return std::string{column.name}; });
    for (const auto& record : export_records(rows, job)) {
        append_line(out, columns, [&](const Column& column) {
            if (column.text) return record.*column.text;
            return column.name == "metadata" ? config::python_repr(record.metadata) : std::string{};
        });
    }
    return out;
}

std::string export_suites_csv(const std::vector<SuiteRow>& suites) {
    constexpr auto as_it_is = [](std::string_view text) { return text; };
    std::string out;
    append_line(out, std::array<std::string_view, 3>{"name", "job", "id"}, as_it_is);
    for (const auto& suite : suites) {
        const std::array fields{suite.name, std::to_string(suite.job.value), std::to_string(suite.id.value)};
        append_line(out, fields, as_it_is);
    }
    return out;
}

}  // namespace patchbay
