// SPDX-License-Identifier: Apache-2.0
#pragma once
// The key with which this lab logs in to targets by ssh. LAVA's dispatcher comes with one that everybody can read; here
// its name in device files (dynamic_vm_keys/lava) means one that this host has made for itself.

#include <filesystem>
#include <optional>
#include <string>

#include "core/deadline.hpp"
#include "core/task.hpp"

namespace patchbay {

struct JobContext;

/// The private key of the device's actions.deploy.methods.ssh.identity_file. Nothing: the lab's own is meant.
std::optional<std::filesystem::path> configured_key(const JobContext& job);

/// The private key: the configured one, or <state_dir>/ssh/id, which the first job that needs it makes.
/// Throws: InfrastructureError, it cannot be made.
Task<std::filesystem::path> login_key(JobContext& job, Deadline deadline);

/// The file beside it with the part that targets get.
std::filesystem::path public_part(const std::filesystem::path& key);

}  // namespace patchbay
