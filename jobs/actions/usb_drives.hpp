// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/actions/action.hpp"

namespace patchbay {

/// Methods whose boards show themselves as a drive that must be mounted, which a runner without root's rights may not:
/// their trees are LAVA's, and a job with one is refused at validation, with what can be used in its place.
ActionPtr build_deploy_musca(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_musca(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_vemsd(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_cmsis(const ActionBlock& block, const JobContext& job);

}  // namespace patchbay
