// SPDX-License-Identifier: Apache-2.0
#pragma once
// Boot methods and the steps that most of them end with.

#include "jobs/actions/action.hpp"

namespace patchbay {

ActionPtr build_boot_qemu(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_minimal(const ActionBlock& block, const JobContext& job);

/// Adds auto-login-action, expect-shell-connection and export-device-env to a boot action, as far as the block and
/// the tests of its namespace want them.
void add_boot_tail(Action& boot, const ActionBlock& block, const JobContext& job);

/// auto-login-action with login-action below it.
ActionPtr make_auto_login();
/// expect-shell-connection: an empty line, then one of the block's prompts.
ActionPtr make_expect_shell();
/// overlay-unpack: the target fetches and unpacks the overlay itself.
ActionPtr make_overlay_unpack();
/// export-device-env: variables of the lab's env-dut file.
ActionPtr make_export_device_env();

/// The block's `prompts`; a single text counts as one prompt.
std::vector<std::string> block_prompts(const ActionBlock& block);

}  // namespace patchbay
