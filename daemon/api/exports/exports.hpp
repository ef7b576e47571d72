// SPDX-License-Identifier: Apache-2.0
#pragma once
// The results of a job in the forms that other programs read. All pure: rows in, text out.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/store/rows.hpp"

namespace patchbay {

/// Raw log lines from `start` up to, not including, `end`.
using LogLines = std::function<std::string(std::int64_t start, std::int64_t end)>;

/// A list of maps, block style, keys sorted; "[]" for none.
std::string export_yaml(const std::vector<CaseRow>& rows, JobId job);
/// Every field quoted, lines end in CR LF; metadata in Python's notation.
std::string export_csv(const std::vector<CaseRow>& rows, JobId job);
/// The names of a job's suites in the same two forms.
std::string export_suites_yaml(const std::vector<SuiteRow>& suites);
std::string export_suites_csv(const std::vector<SuiteRow>& suites);
/// `ended`: when the job ended; nullopt while it runs. `classname_prefix`: "" or what stands before "_<suite>".
std::string export_junit(const std::vector<CaseRow>& rows, std::optional<WallTime> ended,
                         const std::string& classname_prefix, const LogLines& log);
/// Suites and cases by id; the numbers run over the whole job.
std::string export_tap13(const std::vector<CaseRow>& rows, const LogLines& log);

/// The cases of each suite, suites by id: cases of several suites may alternate in the rows.
std::vector<std::vector<const CaseRow*>> by_suite(const std::vector<CaseRow>& rows);

/// The log lines of failed cases. Ranges may overlap, and each may be the whole log: of one case the last lines are
/// shown, of all together some megabytes.
class FailureLines {
public:
    static constexpr std::size_t most_of_case = 64 * 1024;
    static constexpr std::size_t most_of_all = 8 * 1024 * 1024;

    explicit FailureLines(LogLines log) : log_{std::move(log)} {}

    /// "" when the case has none; begins with a line that says so when some are left out.
    std::string of(const CaseRow& row);

private:
    LogLines log_;
    std::size_t left_ = most_of_all;
};

}  // namespace patchbay
