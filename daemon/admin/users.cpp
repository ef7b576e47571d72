// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/users.hpp"

#include <termios.h>
#include <unistd.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>
#include <memory>

#include "daemon/admin/command.hpp"
#include "daemon/store/groups.hpp"
#include "daemon/store/passwords.hpp"
#include "daemon/store/permissions.hpp"

namespace patchbay {
namespace {

Task<> add_user(Store& store, std::string name, bool superuser, std::ostream& out) {
    auto add = [name, superuser](Database& db) { return Users{db}.add(name, superuser, wall_now()); };
    co_await change_store(store, {"", "user.add", name, superuser ? "superuser" : ""}, std::move(add));
    out << "user " << name << " added\n";
}

Task<> list_users(Store& store, std::ostream& out) {
    for (const auto& user : Users{store.reader()}.list())
        out << user.name << (user.superuser ? " superuser" : "") << (user.active ? "" : " inactive") << "\n";
    co_return;
}

Task<> show_user(Store& store, std::string name, std::ostream& out) {
    auto& db = store.reader();
    const auto user = known_user(db, name);
    out << "name: " << user.name << "\nsuperuser: " << (user.superuser ? "yes" : "no")
        << "\nactive: " << (user.active ? "yes" : "no") << "\n";
    for (const auto& group : Groups{db}.of(user.id)) out << "group: " << group.name << "\n";
    for (const auto& permission : Permissions{db}.all_everywhere(user.id)) out << "permission: " << permission << "\n";
    co_return;
}

Task<> set_active(Store& store, std::string name, bool active, std::ostream& out) {
    known_user(store.reader(), name);
    auto change = [name, active](Database& db) { return Users{db}.set_active(name, active); };
    co_await change_store(store, {"", active ? "user.enable" : "user.disable", name, ""}, std::move(change));
    out << "user " << name << (active ? " enabled\n" : " disabled: the tokens are refused\n");
}

Task<> set_superuser(Store& store, std::string name, bool superuser, std::ostream& out) {
    known_user(store.reader(), name);
    auto change = [name, superuser](Database& db) { return Users{db}.set_superuser(name, superuser); };
    co_await change_store(store, {"", superuser ? "user.promote" : "user.demote", name, ""}, std::move(change));
    out << "user " << name << (superuser ? " is a superuser\n" : " is no superuser\n");
}

/// The first line of standard input; a terminal does not show it.
std::string read_password() {
    termios before{};
    const bool terminal = ::tcgetattr(STDIN_FILENO, &before) == 0;
    if (terminal) {
        auto silent = before;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
        std::cerr << "password: " << std::flush;
    }
    std::string password;
    std::getline(std::cin, password);
    if (terminal) {
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        std::cerr << "\n";
    }
    return password;
}

Task<> set_password(Store& store, std::string name, bool none, std::ostream& out) {
    const auto id = known_user(store.reader(), name).id;
    std::string hash;
    if (!none) hash = hash_password(read_password());
    auto set = [id, hash](Database& db) {
        if (hash.empty())
            Passwords{db}.remove(id);
        else
            Passwords{db}.set(id, hash);
    };
    co_await change_store(store, {"", "user.password", name, none ? "none" : ""}, std::move(set));
    out << "user " << name << (none ? " has no password\n" : " has a new password\n");
}

}  // namespace

CLI::App& add_user_commands(CLI::App& app, AdminCommand& chosen) {
    auto* user = app.add_subcommand("user", "the people who may use the lab");
    user->require_subcommand(1);
    const auto name = std::make_shared<std::string>();
    const auto superuser = std::make_shared<bool>(false);
    const auto about_one = [&](const char* command, const char* what, auto run) {
        auto* one = user->add_subcommand(command, what);
        one->add_option("NAME", *name, "user name")->required();
        one->callback(
            [=, &chosen] { chosen = [=](Store& store, std::ostream& out) { return run(store, *name, out); }; });
        return one;
    };
    about_one("add", "add a user", [superuser](Store& store, std::string who, std::ostream& out) {
        return add_user(store, std::move(who), *superuser, out);
    })->add_flag("--superuser", *superuser, "may see and do everything");
    const auto none = std::make_shared<bool>(false);
    about_one("password", "read a password from standard input: a client gets a token for it by POST /api/v0.2/token/",
              [none](Store& store, std::string who, std::ostream& out) {
                  return set_password(store, std::move(who), *none, out);
              })
        ->add_flag("--none", *none, "take the password away");
    about_one("show", "print a user's groups and permissions", show_user);
    const auto active = [](bool value) {
        return [value](Store& store, std::string who, std::ostream& out) {
            return set_active(store, std::move(who), value, out);
        };
    };
    about_one("disable", "refuse the tokens of a user from now on; what the user submitted stays", active(false));
    about_one("enable", "the same, undone", active(true));
    const auto super = [](bool value) {
        return [value](Store& store, std::string who, std::ostream& out) {
            return set_superuser(store, std::move(who), value, out);
        };
    };
    about_one("promote", "make a user a superuser", super(true));
    about_one("demote", "make a superuser a user like others", super(false));
    user->add_subcommand("list", "print all users")->callback([&chosen] { chosen = list_users; });
    return *user;
}

}  // namespace patchbay
