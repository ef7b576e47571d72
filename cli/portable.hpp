// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace patchbay::cli {

/// The LAVA job that a portable job becomes without a lab: on a virtual machine, "qemu-arm64", or by the recipe in
/// `recipe_file`. `on` may be empty when the job's `where` names one type. nullopt: `text` is no portable job.
/// Throws: UserError with every mistake of the job or the recipe.
std::optional<std::string> lower_here(const std::string& text, const std::string& file, const std::string& on,
                                      const std::string& recipe_file);

}  // namespace patchbay::cli
