// SPDX-License-Identifier: Apache-2.0
#include "daemon/renew_certificate.hpp"

#include <signal.h>
#include <spdlog/spdlog.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/deadline.hpp"
#include "core/errors.hpp"

namespace patchbay {
namespace {

void renew(Certificate& certificate) {
    try {
        certificate.reload();
        spdlog::info("tls certificate read again expires=\"{}\"", certificate.expires());
    } catch (const ConfigurationError& error) {
        spdlog::error("tls certificate not renewed, the old one goes on reason=\"{}\"", error.what());
    }
}

}  // namespace

std::unique_ptr<Certificate> load_certificate(const Settings& settings) {
    if (!settings.tls) return nullptr;
    return std::make_unique<Certificate>(CertificateFiles{settings.tls->certificate, settings.tls->key});
}

Task<> renew_on_hangup(Certificate* certificate) {
    asio::signal_set signals{co_await asio::this_coro::executor, SIGHUP};
    for (;;) {
        co_await signals.async_wait(asio::use_awaitable);
        if (certificate) renew(*certificate);
    }
}

Task<> renew_on_change(Certificate& certificate, std::chrono::milliseconds interval) {
    for (;;) {
        co_await sleep_for(interval);
        if (certificate.changed()) renew(certificate);
    }
}

}  // namespace patchbay
