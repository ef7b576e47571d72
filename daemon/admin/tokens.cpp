// SPDX-License-Identifier: Apache-2.0
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <ostream>

#include "daemon/admin/command.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {
namespace {

/// Prints the secret, and nothing else: `TOKEN=$(patchbayd token add alice)`.
Task<> add_token(Store& store, std::string user, std::string description, std::ostream& out) {
    const auto id = known_user(store.reader(), user).id;
    auto add = [id, description](Database& db) { return Users{db}.add_token(id, description, wall_now()); };
    const auto token = co_await change_store(store, {"", "token.add", user, description}, std::move(add));
    out << token.secret << "\n";
}

Task<> list_tokens(Store& store, std::string user, std::ostream& out) {
    std::optional<UserId> only;
    if (!user.empty()) only = known_user(store.reader(), user).id;
    for (const auto& token : Users{store.reader()}.tokens(only))
        out << token.id.value << "\t" << token.user << "\t" << format_log_time(token.created) << "\t"
            << token.description << "\n";
    co_return;
}

Task<> delete_token(Store& store, std::int64_t id, std::ostream& out) {
    const auto number = std::to_string(id);
    auto remove = [id, number](Database& db) {
        if (!Users{db}.delete_token(TokenId{id}))
            throw JobError{"token " + number + ": does not exist; `patchbayd token list` shows their numbers"};
    };
    co_await change_store(store, {"", "token.delete", number, ""}, std::move(remove));
    out << "token " << id << " deleted\n";
}

}  // namespace

void add_token_commands(CLI::App& app, AdminCommand& chosen) {
    auto* tokens = app.add_subcommand("token", "the secrets that clients send");
    tokens->require_subcommand(1);
    struct Arguments {
        std::string user, description;
        std::int64_t number = 0;
    };
    const auto given = std::make_shared<Arguments>();
    auto* add = tokens->add_subcommand("add", "make a token and print it, once");
    add->add_option("USER", given->user, "user name")->required();
    add->add_option("--description", given->description, "what it is for");
    add->callback([&chosen, given] {
        chosen = [given](Store& store, std::ostream& out) {
            return add_token(store, given->user, given->description, out);
        };
    });
    auto* list = tokens->add_subcommand("list", "print number, user, age and purpose of tokens");
    list->add_option("USER", given->user, "of this user only");
    list->callback([&chosen, given] {
        chosen = [given](Store& store, std::ostream& out) { return list_tokens(store, given->user, out); };
    });
    auto* remove = tokens->add_subcommand("delete", "make a token invalid");
    remove->add_option("NUMBER", given->number, "as `token list` prints it")->required();
    remove->callback([&chosen, given] {
        chosen = [given](Store& store, std::ostream& out) { return delete_token(store, given->number, out); };
    });
}

}  // namespace patchbay
