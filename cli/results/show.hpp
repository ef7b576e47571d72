// SPDX-License-Identifier: Apache-2.0
#pragma once
// A report as a table for people.

#include <chrono>
#include <string>

#include "cli/results/report.hpp"
#include "cli/text/paint.hpp"

namespace patchbay::cli {

struct ResultsView {
    std::string suite;         ///< only this one; empty: all
    bool failed_only = false;  ///< only failed cases
};

/// The table, the counts, how the job ended. Steps of the job itself (suite "lava") are shown when they failed or were
/// asked for. `width` as in Table::str. Throws: UserError when the job has no suite of that name.
std::string show_report(const Report& report, const ResultsView& view, std::size_t width, Paint paint);

/// "42 s", "3 min 12 s", "2 h 5 min".
std::string duration_text(std::chrono::seconds time);

}  // namespace patchbay::cli
