// SPDX-License-Identifier: Apache-2.0
#pragma once
// Qualcomm's emergency download: the chip's ROM takes a program by USB, which writes the board's flash
// (lava_dispatcher/actions/deploy/qdl.py, boot/qdl.py).

#include <filesystem>

#include "jobs/actions/action.hpp"

namespace patchbay {

ActionPtr build_deploy_qdl(const ActionBlock& block, const JobContext& job);
ActionPtr build_boot_qdl(const ActionBlock& block, const JobContext& job);

/// The key of NamespaceState::images under which the unpacked folder stands.
inline constexpr auto qdl_folder = "qcomflash";

/// The file or folder `name` of an archive that was unpacked to `root`, with links followed.
/// Throws: JobError, it is not there, or a link leads out of the archive.
std::filesystem::path in_archive(const std::filesystem::path& root, const std::string& name);

/// Does a path of the job stay inside the folder that it belongs to?
bool stays_inside(const std::string& path);

}  // namespace patchbay
