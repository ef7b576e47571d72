// SPDX-License-Identifier: Apache-2.0
#pragma once
// Boards of Arm's whose controller reads its configuration, firmware and programs off a drive, which it shows on USB:
// Versatile Express and MPS (lava_dispatcher/actions/deploy/vemsd.py, mps.py). The steps that both have.

#include <filesystem>
#include <memory>
#include <string_view>

#include "jobs/actions/action.hpp"
#include "jobs/actions/board/fat_drive.hpp"

namespace patchbay {

/// The board's drive, as the steps of one deploy share it.
struct VexpressDrive {
    explicit VexpressDrive(FatDrive the_drive) : drive{std::move(the_drive)} {}
    FatDrive drive;
    std::filesystem::path image;  ///< the folder with what was in the recovery image
};
using VexpressDrivePtr = std::shared_ptr<VexpressDrive>;

/// `parameters` of the device's deploy method; a null value when there are none.
const config::Value& vexpress_parameters(const JobContext& job, std::string_view method);

/// By the method's usb_mass_device, a node; else by the device's usb_filesystem_label.
VexpressDrivePtr vexpress_drive(const JobContext& job, std::string_view method);

/// extract-vexpress-recovery-image
ActionPtr make_extract_recovery_image(VexpressDrivePtr board);
/// deploy-vexpress-recovery-image: all that is on the drive goes, and what is in the image comes.
ActionPtr make_deploy_recovery_image(VexpressDrivePtr board);

}  // namespace patchbay
