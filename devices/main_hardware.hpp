// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "devices/hardware.hpp"

namespace patchbay {

/// Adds a problem when there are consoles, or supplies, and all of them have names: jobs and people use the one
/// without. `hardware`: all that the device has.
void check_main_ones(const std::vector<HardwareEntry>& hardware, config::Problems& problems);

}  // namespace patchbay
