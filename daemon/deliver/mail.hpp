// SPDX-License-Identifier: Apache-2.0
#pragma once
// One try at a mail over SMTP (libcurl), blocking.

#include <stop_token>
#include <string>

#include "core/clock.hpp"
#include "daemon/deliver/attempt.hpp"
#include "daemon/deliver/mail_text.hpp"
#include "daemon/lab/notification_settings.hpp"

namespace patchbay {

/// Header and text as they go to the server: lines end in CR LF, and all is ASCII (RFC 5322, 2045, 2047). What a job
/// wrote into its name makes no header of its own. Pure.
std::string message_of(const std::string& from, const std::string& to, const MailText& text, WallTime now);

/// Hands it to the lab's server. Encryption is used when the server offers it, and always with smtps.
Attempt send_mail(const MailSettings& settings, const std::string& to, const MailText& text, const Patience& patience,
                  const std::stop_token& stop);

}  // namespace patchbay
