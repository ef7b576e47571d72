// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/lab/settings.hpp"

namespace patchbay {

/// The daemon: serves until SIGTERM or SIGINT, then leaves the runners running.
/// Throws: ConfigurationError (address in use, store served by another), StoreError.
void serve(const Settings& settings);

}  // namespace patchbay
