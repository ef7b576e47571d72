// SPDX-License-Identifier: Apache-2.0
#pragma once
// `notifications` of the configuration file: how patient callbacks are, and how mail leaves.

#include <chrono>
#include <string>

#include "core/config/map_reader.hpp"

namespace patchbay {

struct MailSettings {
    std::string server;  ///< "smtp://mail.lab.example:25" or "smtps://..."; "" for none: no mail is sent
    std::string from;    ///< address
    std::string user;    ///< "" for none
    std::string password_file;
};

struct NotificationSettings {
    std::chrono::seconds first_retry{5};            ///< after the first attempt that failed; it doubles each time
    std::chrono::seconds longest_retry{3600};       ///< between two attempts
    std::chrono::seconds give_up_after{3 * 86400};  ///< since the job came to the state that is told
    std::string lab_url;                            ///< how people reach this lab, for links in mails; "" for none
    MailSettings mail;
};

/// Reads the map and reports its problems.
NotificationSettings read_notification_settings(config::MapReader map);

}  // namespace patchbay
