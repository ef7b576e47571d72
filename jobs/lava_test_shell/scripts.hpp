// SPDX-License-Identifier: Apache-2.0
#pragma once
// The programs that a test calls on the target, as texts without their first line (the shell differs by `os`).

#include <string_view>
#include <vector>

namespace patchbay {

struct TargetScript {
    std::string_view name;  ///< "lava-test-case"
    std::string_view text;
};

/// For every target, in alphabetical order.
std::vector<TargetScript> common_scripts();

/// In addition, for the parts of a multinode group.
std::vector<TargetScript> multinode_scripts();

/// Those that replace the common ones of the same name on a distro ("debian", "oe"); may be empty.
std::vector<TargetScript> distro_scripts(std::string_view distro);

}  // namespace patchbay
