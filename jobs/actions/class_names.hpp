// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace patchbay {

/// The Python class behind an action in LAVA 2023.01, below lava_dispatcher: description.yaml names it, and programs
/// that read that file tell actions apart by it. An action that LAVA does not have is its own class.
std::string class_name(std::string_view action);

}  // namespace patchbay
