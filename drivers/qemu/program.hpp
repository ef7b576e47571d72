// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/task.hpp"
#include "devices/capability/direct_boot.hpp"
#include "drivers/context.hpp"

namespace patchbay {

/// Debian's package of a guest architecture: "qemu-system-x86" for x86_64.
std::string qemu_package(const std::string& architecture);
/// Debian's word for this machine: amd64, arm64.
std::string host_architecture();

/// Package and version as dpkg has them, else what `--version` prints. Remembered until the program's file changes.
Task<BootProgram> describe_qemu(std::string program_path, std::string architecture, DriverContext context);

}  // namespace patchbay
