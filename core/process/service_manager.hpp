// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "core/process/file_descriptor.hpp"

namespace patchbay {

/// Tells the service manager ("READY=1", "STOPPING=1"), when there is one (sd_notify(3)); never fails.
void notify_manager(std::string_view state);

/// The sockets that systemd opened for this process (sd_listen_fds(3)); none, when it has not. Only the first call gets
/// them, and what the process starts later does not.
std::vector<FileDescriptor> passed_sockets();

}  // namespace patchbay
