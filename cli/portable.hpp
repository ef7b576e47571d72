// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/results/report.hpp"
#include "cli/terminal.hpp"
#include "jobs/portable/expectations.hpp"

namespace patchbay::cli {

struct LoweredHere {
    std::string definition;           ///< the LAVA job
    std::string device_type;          ///< as the portable job calls it
    Expectations expect;              ///< of the portable job
    std::vector<std::string> unused;  ///< what it says and nothing here reads, with its line
};

/// The LAVA job that a portable job becomes without a lab: on a virtual machine, "qemu-arm64", or by the recipe in
/// `recipe_file`. `on` may be empty when the job's `where` names one type. nullopt: `text` is no portable job.
/// Throws: UserError with every mistake of the job or the recipe.
std::optional<LoweredHere> lower_here(const std::string& text, const std::string& file, const std::string& on,
                                      const std::string& recipe_file);

/// Marks each result with what the job expects of it there, and adds what is missing.
void mark_results(Report& report, const LoweredHere& job);

void say_unused(const std::vector<std::string>& unused, Terminal& terminal);

}  // namespace patchbay::cli
