// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/api/exports/exports.hpp"

namespace patchbay {
namespace {

constexpr std::string_view left_out = "# lines before these are left out; the log of the job has them\n";

/// The last lines from `start` to `end` that have together at most `bytes`, without reading the others.
std::string last_lines(const LogLines& log, std::int64_t start, std::int64_t end, std::size_t bytes) {
    std::string text;
    auto from = end;
    for (std::int64_t lines = 64; from > start && text.size() <= bytes; lines *= 4) {
        from = std::max(start, end - lines);
        text = log(from, end);
    }
    if (text.size() <= bytes) return text;
    // The byte before the cut counts: a line may begin right there.
    const auto line_end = text.find('\n', text.size() - bytes - 1);
    return std::string{left_out} + (line_end == std::string::npos ? "" : text.substr(line_end + 1));
}

}  // namespace

std::string FailureLines::of(const CaseRow& row) {
    if (!row.start_log_line || !row.end_log_line || *row.start_log_line >= *row.end_log_line) return {};
    if (left_ < most_of_case) return std::string{left_out};
    auto text = last_lines(log_, *row.start_log_line, *row.end_log_line, most_of_case);
    left_ -= std::min(left_, text.size());
    return text;
}

}  // namespace patchbay
