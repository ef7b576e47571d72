// SPDX-License-Identifier: Apache-2.0
#pragma once
// Certificates live for weeks, daemons for years. A new one is taken without dropping a connection.

#include <chrono>
#include <memory>

#include "core/task.hpp"
#include "daemon/http/certificate.hpp"
#include "daemon/lab/settings.hpp"

namespace patchbay {

/// That of the configuration; null when it has none. Throws: ConfigurationError.
std::unique_ptr<Certificate> load_certificate(const Settings& settings);

/// Reads the files again. Files that cannot be used are logged, and the old certificate goes on.
void renew(Certificate& certificate);
/// The same when a file has changed, which is looked at so often. Runs until it is cancelled.
Task<> renew_on_change(Certificate& certificate, std::chrono::milliseconds interval);

}  // namespace patchbay
