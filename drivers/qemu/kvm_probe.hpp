// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "core/task.hpp"
#include "drivers/context.hpp"

namespace patchbay {

/// Does KVM really run a guest of this program here? /dev/kvm can be opened on machines where guests then hang (nested
/// virtualization switched off half-way), so a guest of 512 bytes has to reach 64-bit mode and say so within 3 s.
/// Foreign architectures: no, without a try. The verdict is remembered until the machine, the program or /dev/kvm
/// changes; concurrent questions wait for one try.
Task<bool> kvm_works(std::string program_path, std::string architecture, DriverContext context);

}  // namespace patchbay
