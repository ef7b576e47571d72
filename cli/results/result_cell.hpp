// SPDX-License-Identifier: Apache-2.0
#pragma once
// A result beside what a portable job expects of it.

#include <string>

#include "cli/text/table.hpp"

namespace patchbay::cli {

/// "fail regressed"; what was expected needs no word. `result` is empty for a test that did not run, `mark` where
/// nothing was expected.
Cell result_cell(const std::string& result, const std::string& mark);

/// Is it something that somebody has to look at?
bool is_bad(const std::string& result, const std::string& mark);

}  // namespace patchbay::cli
