// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/actions/action.hpp"

namespace patchbay {

/// Methods whose boards take files by a drive that they show on USB; and of boards that are shown one.
ActionPtr build_deploy_musca(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_musca(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_cmsis(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_vemsd(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_mps(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_usbg_ms(const ActionBlock& block, const JobContext& job);

}  // namespace patchbay
