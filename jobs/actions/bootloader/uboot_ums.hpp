// SPDX-License-Identifier: Apache-2.0
#pragma once
// U-Boot shows a medium of its board on USB (its command `ums`), and this host writes an image onto it
// (lava_dispatcher/utils/storage.py). The medium is the one that the device's file names, and no other:
// `uboot_mass_storage_device` of boot method u-boot, a link below /dev/disk; without it the device's Storage.

#include "jobs/actions/action.hpp"

namespace patchbay {

ActionPtr build_deploy_uboot_ums(const ActionBlock& block, const JobContext& job);

/// wait-device-path: until the medium is there.
ActionPtr make_wait_mass_storage();
/// flash-uboot-ums: writes the image of a deploy to u-boot-ums, then ends U-Boot's command.
ActionPtr make_flash_uboot_ums();

}  // namespace patchbay
