// SPDX-License-Identifier: Apache-2.0
#pragma once
// Boot methods and the steps that most of them end with.

#include "jobs/actions/action.hpp"

namespace patchbay {

ActionPtr build_boot_qemu(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_minimal(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_uboot(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_barebox(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_ipxe(const ActionBlock& block, const JobContext& job);
/// Throws: JobError, `bootloader` names no boot method of the device.
ActionPtr build_boot_bootloader(const ActionBlock& block, const JobContext& job);

ActionPtr build_boot_depthcharge(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_grub(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_grub_sequence(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_uefi(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_uefi_menu(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_new_connection(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_kexec(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_ssh(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_recovery(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_docker(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_fvp(const ActionBlock& block, const JobContext& job);

/// Why a device with these boot methods cannot do it; empty: it can.
std::string objection_to_grub(const config::Map& methods);
std::string objection_to_grub_sequence(const config::Map& methods);

/// Does a kernel start, of which the login waits for the first line? Not on the second console of a system that runs,
/// and ssh has logged in before.
enum class Booting { starts, runs_already, logged_in };

/// Adds auto-login-action, expect-shell-connection and export-device-env to a boot action, as far as the block and
/// the tests of its namespace want them.
void add_boot_tail(Action& boot, const ActionBlock& block, const JobContext& job, Booting booting = Booting::starts);

/// auto-login-action with login-action below it.
ActionPtr make_auto_login(Booting booting = Booting::starts);
/// expect-shell-connection: an empty line, then one of the block's prompts.
ActionPtr make_expect_shell();
/// overlay-unpack: the target fetches and unpacks the overlay itself.
ActionPtr make_overlay_unpack();
/// export-device-env: variables of the lab's env-dut file.
ActionPtr make_export_device_env();

/// The block's `prompts`; a single text counts as one prompt.
std::vector<std::string> block_prompts(const ActionBlock& block);

/// A key of the block that says yes or no.
bool is_set(const ActionBlock& block, std::string_view key, bool otherwise);

}  // namespace patchbay
