// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "daemon/lab/settings.hpp"

namespace patchbay {

/// The daemon: serves until SIGTERM or SIGINT, then leaves the runners running.
/// `read_again` is called on a worker at every SIGHUP, and throws what is wrong with the files; of what it returns the
/// devices, their types and their health checks are taken.
/// Throws: ConfigurationError (address in use, store served by another), StoreError.
void serve(const Settings& settings, std::function<Settings()> read_again);

}  // namespace patchbay
