// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace patchbay {

/// Tells the service manager ("READY=1", "STOPPING=1"), when there is one (sd_notify(3)); never fails.
void notify_manager(std::string_view state);

}  // namespace patchbay
