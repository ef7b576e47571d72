// SPDX-License-Identifier: Apache-2.0
#pragma once
// The steps of a boot by a boot loader (lava_dispatcher/actions/boot/__init__.py).

#include "jobs/actions/action.hpp"

namespace patchbay {

/// bootloader-from-media, uboot-from-media: checks what a boot from a written medium needs. Its values become those of
/// bootloader-overlay.
ActionPtr make_from_media(std::string name);

/// bootloader-overlay: the commands of the job or of the device, with this job's files and addresses.
ActionPtr make_bootloader_overlay();

/// bootloader-interrupt: stops the loader before it boots by itself.
ActionPtr make_bootloader_interrupt();

enum class Final { awaited, not_awaited };
/// bootloader-commands: types them, until the loader says that it starts what they load.
ActionPtr make_bootloader_commands(Final final_message = Final::awaited);
/// boot-bootloader: a reset, then both, as far as the last command; by a console that is connected anew.
ActionPtr make_boot_bootloader(const ActionBlock& block, const JobContext& job);
/// bootloader-commands-altbank: the command by which U-Boot starts the other of its two copies.
ActionPtr make_altbank_commands();

}  // namespace patchbay
