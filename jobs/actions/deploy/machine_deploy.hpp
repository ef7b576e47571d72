// SPDX-License-Identifier: Apache-2.0
#pragma once
// What deploys for a machine of this host share: tmpfs, nfs for QEMU, iso-installer.

#include "jobs/actions/action.hpp"

namespace patchbay {

struct DeployedImage;
struct NamespaceState;

ActionPtr build_deploy_iso(const ActionBlock& block, const JobContext& job);

/// apply-overlay-guest: a drive with the test overlay on it, unless an image has it: `applied`.
ActionPtr make_apply_overlay_guest(bool applied);

/// The key, among the deployed images, of the disk that iso-installer has made for a system to be installed.
inline constexpr auto empty_image = "emptyimage";
/// nullptr: nothing of this key was deployed.
const DeployedImage* find_image(const NamespaceState& state, std::string_view key);

}  // namespace patchbay
