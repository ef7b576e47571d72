// SPDX-License-Identifier: Apache-2.0
#pragma once
// The whole program, as a function.

#include <string>
#include <vector>

#include "cli/log/follow.hpp"
#include "cli/terminal.hpp"

namespace patchbay::cli {

/// Runs `patchbay` with `arguments` (without the program's name); returns its exit code (cli/exit.hpp). Never throws.
int run_program(const std::vector<std::string>& arguments, const Environment& environment, Terminal terminal,
                Patience patience = {});

}  // namespace patchbay::cli
