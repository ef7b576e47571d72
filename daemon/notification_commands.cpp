// SPDX-License-Identifier: Apache-2.0
#include "daemon/notification_commands.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>
#include <iterator>

#include "daemon/admin/outbox.hpp"

namespace patchbay {

NotificationCommands::NotificationCommands(CLI::App& app, CLI::App& user) {
    email_ = user.add_subcommand("email", "where a user gets mail");
    email_->add_option("NAME", name_, "user name")->required();
    email_->add_option("ADDRESS", address_, "mail address; without one the user gets no mail");

    auto* tokens = app.add_subcommand("remote-token", "secrets of other servers that jobs name");
    tokens->require_subcommand(1);
    token_add_ = tokens->add_subcommand("add", "store a secret, read from standard input, under a name");
    token_list_ = tokens->add_subcommand("list", "print user, name and age, not the secrets");
    token_delete_ = tokens->add_subcommand("delete", "forget a secret");
    for (auto* command : {token_add_, token_delete_}) {
        command->add_option("USER", name_, "user whose jobs may name it")->required();
        command->add_option("NAME", token_, "what notify.callback.token says")->required();
    }
    token_list_->add_option("USER", name_, "of this user only");

    auto* outbox = app.add_subcommand("outbox", "callbacks and mails that are not sent yet");
    outbox->require_subcommand(1);
    outbox_list_ = outbox->add_subcommand("list", "print what waits and what was given up");
    outbox_retry_ = outbox->add_subcommand("retry", "send again what was given up");
    auto* number =
        outbox_retry_->add_option("NUMBER", number_, "as `outbox list` prints it")->check(CLI::PositiveNumber);
    outbox_retry_->add_flag("--all", all_, "all of them")->excludes(number);
    outbox_retry_->callback([this] {
        if (number_ == 0 && !all_) throw CLI::RequiredError{"NUMBER or --all"};
    });
}

bool NotificationCommands::run(const std::function<void(const std::function<Task<>(Store&)>&)>& on_store,
                               std::ostream& out) {
    if (*email_) {
        on_store([&](Store& store) { return set_email(store, name_, address_, out); });
    } else if (*token_add_) {
        const std::string secret{std::istreambuf_iterator<char>{std::cin}, {}};
        on_store([&](Store& store) { return add_remote_token(store, name_, token_, secret, out); });
    } else if (*token_list_) {
        on_store([&](Store& store) { return list_remote_tokens(store, name_, out); });
    } else if (*token_delete_) {
        on_store([&](Store& store) { return delete_remote_token(store, name_, token_, out); });
    } else if (*outbox_list_) {
        on_store([&](Store& store) { return list_outbox(store, out); });
    } else if (*outbox_retry_) {
        on_store([&](Store& store) { return retry_outbox(store, number_, out); });
    } else {
        return false;
    }
    return true;
}

}  // namespace patchbay
