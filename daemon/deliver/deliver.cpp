// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/deliver.hpp"

#include "core/text.hpp"
#include "daemon/deliver/mail.hpp"
#include "daemon/deliver/mail_text.hpp"
#include "daemon/deliver/payload.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/remote_tokens.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {
namespace {

Attempt hopeless(std::string why) { return {Attempt::Kind::hopeless, 0, std::move(why), {}}; }

/// The secret that `written` names, or `written` itself, as LAVA does it.
struct Token {
    std::string secret;
    bool stored = false;
};
Token token_of(Database& db, const UserRow& submitter, const std::string& written) {
    if (written.empty()) return {};
    if (auto value = RemoteTokens{db}.value(submitter.id, written)) return {std::move(*value), true};
    return {written, false};
}

Attempt deliver_callback(Database& db, const NotificationRow& row, const JobRow& job, const UserRow& submitter,
                         const Callback& callback, const DeliverySettings& settings, std::stop_token stop) {
    auto token = token_of(db, submitter, callback.token);
    CallbackBody body{db, job, Users{db}.email(submitter.id), callback.dataset, callback.content_type};
    CallbackRequest request{row.address, callback.method, callback.content_type, callback.header,
                            std::move(token.secret)};
    auto attempt = send_callback(request, body, settings.policy, settings.patience, std::move(stop));
    if ((attempt.status == 401 || attempt.status == 403) && !callback.token.empty() && !token.stored)
        attempt.problem +=
            "; the submitter has stored no secret under the name that notify.callback.token gives, so that this text "
            "itself was sent (patchbayd remote-token add)";
    return attempt;
}

/// nullopt: nobody has one.
std::optional<std::string> mail_address(Database& db, const Notify& notify, int position, const UserRow& submitter) {
    std::string user = submitter.name;
    if (!notify.mails_submitter()) {
        const auto& to = notify.recipients[static_cast<std::size_t>(position)];
        if (!to.email.empty()) return to.email;
        user = to.user;
    }
    const auto row = Users{db}.find(user);
    auto address = row ? Users{db}.email(row->id) : std::string{};
    if (address.empty()) return std::nullopt;
    return address;
}

Attempt deliver_mail(Database& db, const NotificationRow& row, const JobRow& job, const UserRow& submitter,
                     const Notify& notify, const DeliverySettings& settings, const std::stop_token& stop) {
    const auto& mail = settings.notifications.mail;
    if (mail.server.empty()) return hopeless("this lab sends no mail; its owner names a server in notifications.mail");
    const auto address = mail_address(db, notify, row.position, submitter);
    if (!address)
        return hopeless("user '" + row.address + "' has no mail address here (patchbayd user email NAME ADDRESS)");
    if (!is_mail_address(*address)) return hopeless("'" + *address + "' is no mail address");
    const auto text = mail_text(db, job, notify, settings.notifications.lab_url);
    return send_mail(mail, *address, text, settings.patience, stop);
}

}  // namespace

Attempt deliver(Database& db, const NotificationRow& row, const DeliverySettings& settings, std::stop_token stop) {
    auto found = Jobs{db}.find(row.job);
    if (!found) return hopeless("the job was removed");
    const auto job = job_at(std::move(*found), row.job_state, row.job_health);
    const auto submitter = Users{db}.find(job.submitter);
    const auto notify = notify_of(job.definition);
    const auto position = static_cast<std::size_t>(row.position);
    if (!submitter || !notify) return hopeless("the job does not ask for it any more");
    switch (row.kind) {
        case NotificationKind::callback:
            if (position >= notify->callbacks.size()) break;
            return deliver_callback(db, row, job, *submitter, notify->callbacks[position], settings, std::move(stop));
        case NotificationKind::mail:
            if (!notify->mails_submitter() && position >= notify->recipients.size()) break;
            return deliver_mail(db, row, job, *submitter, *notify, settings, stop);
        case NotificationKind::irc:
            return hopeless("this lab sends nothing by IRC; ask for an e-mail or a callback");
    }
    return hopeless("the job does not ask for it any more");
}

}  // namespace patchbay
