// SPDX-License-Identifier: Apache-2.0
#pragma once
// The commands that a boot block wants: its own list, or a set of the device by its name.

#include <string>
#include <vector>

#include "jobs/actions/bootloader/loader_settings.hpp"

namespace patchbay {

/// Adds LAVA's sentence of what is wrong with `commands`.
void check_commands(const ActionBlock& block, const LoaderSettings& loader, std::vector<std::string>& errors);
/// As they are written, with their placeholders; of a block that passed check_commands().
std::vector<std::string> command_set(const ActionBlock& block, const LoaderSettings& loader);
/// The device's set of this block; nullptr: the block has commands of its own, or none.
const config::Value* named_set(const ActionBlock& block, const LoaderSettings& loader);

}  // namespace patchbay
