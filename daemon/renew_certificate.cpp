// SPDX-License-Identifier: Apache-2.0
#include "daemon/renew_certificate.hpp"

#include <spdlog/spdlog.h>

#include "core/deadline.hpp"
#include "core/errors.hpp"

namespace patchbay {

std::unique_ptr<Certificate> load_certificate(const Settings& settings) {
    if (!settings.tls) return nullptr;
    return std::make_unique<Certificate>(CertificateFiles{settings.tls->certificate, settings.tls->key});
}

void renew(Certificate& certificate) {
    try {
        certificate.reload();
        spdlog::info("tls certificate read again expires=\"{}\"", certificate.expires());
    } catch (const ConfigurationError& error) {
        spdlog::error("tls certificate not renewed, the old one goes on reason=\"{}\"", error.what());
    }
}

Task<> renew_on_change(Certificate& certificate, std::chrono::milliseconds interval) {
    for (;;) {
        co_await sleep_for(interval);
        if (certificate.changed()) renew(certificate);
    }
}

}  // namespace patchbay
