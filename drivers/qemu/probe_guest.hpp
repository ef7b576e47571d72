// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/process/file_descriptor.hpp"

namespace patchbay {

/// The smallest guest that shows that a processor runs: it switches to 64-bit mode where that is work, tells QEMU to
/// end, and is done.
struct ProbeGuest {
    FileDescriptor image;                ///< in memory; the child must inherit it
    std::vector<std::string> arguments;  ///< all but the program and -accel
    int success = 0;                     ///< the exit code of a QEMU whose guest did that
};

/// `architecture` in QEMU's word. Nothing for one that has no such guest, or when there is no memory for it.
std::optional<ProbeGuest> make_probe_guest(const std::string& architecture);

}  // namespace patchbay
