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

/// Each SIGHUP has the files read again; without a certificate it is ignored. Files that cannot be used are logged, and
/// the old certificate goes on. Runs until it is cancelled.
Task<> renew_on_hangup(Certificate* certificate);
/// The same when a file has changed, which is looked at so often.
Task<> renew_on_change(Certificate& certificate, std::chrono::milliseconds interval);

}  // namespace patchbay
