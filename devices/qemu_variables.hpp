// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/config/value.hpp"

namespace patchbay {

/// What is wrong with the `variables` of a QEMU machine in lab.yaml: names that nothing reads and values of another
/// kind, each a sentence about it: "memroy: unknown variable (did you mean 'memory'?)". Values that only QEMU can judge
/// (a processor, a machine) are taken as they are.
std::vector<std::string> qemu_variable_problems(const config::Map& variables);

/// "512", "1G", "size=2G,slots=4": what QEMU's -m takes.
bool is_qemu_memory(const std::string& text);

}  // namespace patchbay
