// SPDX-License-Identifier: Apache-2.0
#include "daemon/lab/notification_settings.hpp"

namespace patchbay {
namespace {

using namespace std::chrono_literals;

std::chrono::seconds positive(config::MapReader& map, std::string_view key, std::chrono::seconds fallback) {
    const auto time = map.value_or(key, fallback);
    if (time < 1s) map.problem(key, "must be at least a second");
    return time;
}

MailSettings read_mail(config::MapReader map) {
    MailSettings mail;
    mail.server = map.value_or<std::string>("server", "");
    mail.from = map.value_or<std::string>("from", "");
    mail.user = map.value_or<std::string>("user", "");
    mail.password_file = map.value_or<std::string>("password_file", "");
    if (!mail.server.empty()) {
        if (!mail.server.starts_with("smtp://") && !mail.server.starts_with("smtps://"))
            map.problem("server", "must begin with smtp:// or smtps://");
        if (mail.from.find('@') == std::string::npos) map.problem("from", "must be the lab's mail address");
        if (mail.user.empty() != mail.password_file.empty())
            map.problem("user", "needs password_file, and the other way round");
    }
    map.finish();
    return mail;
}

}  // namespace

NotificationSettings read_notification_settings(config::MapReader map) {
    NotificationSettings settings;
    settings.first_retry = positive(map, "first_retry", settings.first_retry);
    settings.longest_retry = positive(map, "longest_retry", settings.longest_retry);
    settings.give_up_after = positive(map, "give_up_after", settings.give_up_after);
    settings.lab_url = map.value_or<std::string>("lab_url", "");
    while (settings.lab_url.ends_with('/')) settings.lab_url.pop_back();
    settings.mail = read_mail(map.map("mail"));
    map.finish();
    return settings;
}

}  // namespace patchbay
