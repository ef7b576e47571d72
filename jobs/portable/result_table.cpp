// SPDX-License-Identifier: Apache-2.0
#include "jobs/portable/result_table.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace patchbay {

std::string worse_result(const std::string& a, const std::string& b) {
    constexpr std::array<std::string_view, 4> worst_first{"fail", "unknown", "skip", "pass"};
    const auto rank = [&](const std::string& result) { return std::ranges::find(worst_first, result); };
    return rank(a) < rank(b) ? a : b;
}

std::string plain_suite(std::string_view suite) {
    const auto digits = suite.find_first_not_of("0123456789");
    const bool numbered = digits != 0 && digits != std::string_view::npos && suite[digits] == '_';
    return std::string{numbered ? suite.substr(digits + 1) : suite};
}

std::vector<ResultRow> result_table(const std::vector<ResultColumn>& columns, const Expectations& expected) {
    std::set<std::string> tests;
    for (const auto& column : columns) {
        for (const auto& [test, result] : column.results) tests.insert(test);
    }
    for (const auto& [test, by_type] : expected.tests()) tests.insert(test);
    std::vector<ResultRow> rows;
    for (const auto& test : tests) {
        ResultRow row{test, {}, true};
        for (const auto& column : columns) {
            ResultCell cell;
            if (const auto found = column.results.find(test); found != column.results.end())
                cell.result = found->second;
            const bool may_come = cell.result.empty() && column.state != "finished";
            if (!may_come && !expected.empty()) cell.mark = expected.judge(test, column.device_type, cell.result);
            row.cells.push_back(std::move(cell));
        }
        const auto differs = [&row](const ResultCell& cell) { return cell.result != row.cells.front().result; };
        row.equal = std::ranges::none_of(row.cells, differs);
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace patchbay
