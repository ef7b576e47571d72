// SPDX-License-Identifier: Apache-2.0
#pragma once
// The programs that a test calls on the target, as texts without their first line (the shell differs by `os`).

#include <span>
#include <string_view>

namespace patchbay {

struct TargetScript {
    std::string_view distro;  ///< "" for every one; else it replaces the general script of that name there
    std::string_view name;    ///< "lava-test-case"
    std::string_view text;
};

/// General scripts first, in alphabetical order; then the distro's own.
std::span<const TargetScript> target_scripts();

}  // namespace patchbay
