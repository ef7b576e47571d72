// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/api/exports/exports.hpp"

namespace patchbay {
namespace {

void append_case(std::string& out, std::size_t number, const CaseRow& row, FailureLines& log) {
    const bool ok = row.result == CaseResult::pass || row.result == CaseResult::skip;
    out += (ok ? "ok " : "not ok ") + std::to_string(number) + " " + row.name;
    if (row.result == CaseResult::skip) out += " # SKIP test skipped";
    if (row.result == CaseResult::unknown) out += " # TODO unknown result";
    out += '\n';
    if (row.result != CaseResult::fail || !row.start_log_line || !row.end_log_line) return;
    out += " ---\n";
    const auto text = log.of(row);
    for (std::string_view lines = text; !lines.empty();) {
        const auto end = std::min(lines.find('\n'), lines.size() - 1) + 1;
        out += ' ';
        out += lines.substr(0, end);
        lines.remove_prefix(end);
    }
    out += " ...\n";
}

}  // namespace

std::string export_tap13(const std::vector<CaseRow>& rows, const LogLines& log) {
    std::string out = "TAP version 13\n1.." + std::to_string(rows.size()) + "\n";
    std::size_t number = 0;
    FailureLines failure_log{log};
    for (const auto& suite : by_suite(rows)) {
        out += "# TAP results for " + suite.front()->suite_name + "\n";
        for (const auto* row : suite) append_case(out, ++number, *row, failure_log);
    }
    return out;
}

}  // namespace patchbay
