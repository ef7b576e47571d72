// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/groups.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <ostream>

#include "daemon/admin/command.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {
namespace {

Task<> add_group(Store& store, std::string name, std::ostream& out) {
    auto add = [name](Database& db) { return Groups{db}.add(name); };
    co_await change_store(store, {"", "group.add", name, ""}, std::move(add));
    out << "group " << name << " added\n";
}

Task<> delete_group(Store& store, std::string name, std::ostream& out) {
    const auto id = known_group(store.reader(), name).id;
    auto remove = [id](Database& db) { return Groups{db}.remove(id); };
    co_await change_store(store, {"", "group.delete", name, ""}, std::move(remove));
    out << "group " << name << " deleted\n";
}

Task<> list_groups(Store& store, std::ostream& out) {
    Groups groups{store.reader()};
    for (const auto& group : groups.list()) {
        out << group.name;
        for (const auto& member : groups.members(group.id)) out << "\t" << member;
        out << "\n";
    }
    co_return;
}

Task<> join_group(Store& store, std::string name, std::string user, std::ostream& out) {
    const auto group = known_group(store.reader(), name).id;
    const auto member = known_user(store.reader(), user).id;
    auto join = [group, member](Database& db) { return Groups{db}.join(member, group); };
    const bool joined = co_await change_store(store, {"", "group.join", name, user}, std::move(join));
    out << "user " << user << (joined ? " is in group " : " was in group ") << name << "\n";
}

Task<> leave_group(Store& store, std::string name, std::string user, std::ostream& out) {
    const auto group = known_group(store.reader(), name).id;
    const auto member = known_user(store.reader(), user).id;
    auto leave = [group, member, name, user](Database& db) {
        if (!Groups{db}.leave(member, group))
            throw JobError{"user '" + user + "': is not in group '" + name + "'; see `patchbayd group list`"};
    };
    co_await change_store(store, {"", "group.leave", name, user}, std::move(leave));
    out << "user " << user << " is not in group " << name << " any more\n";
}

}  // namespace

void add_group_commands(CLI::App& app, AdminCommand& chosen) {
    auto* groups = app.add_subcommand("group", "groups of users, who share permissions and jobs");
    groups->require_subcommand(1);
    struct Arguments {
        std::string group, user;
    };
    const auto given = std::make_shared<Arguments>();
    const auto about_one = [&](const char* command, const char* what, auto run) {
        auto* one = groups->add_subcommand(command, what);
        one->add_option("GROUP", given->group, "name of the group")->required();
        one->callback(
            [=, &chosen] { chosen = [=](Store& store, std::ostream& out) { return run(store, given->group, out); }; });
    };
    const auto about_member = [&](const char* command, const char* what, auto run) {
        auto* one = groups->add_subcommand(command, what);
        one->add_option("GROUP", given->group, "name of the group")->required();
        one->add_option("USER", given->user, "user name")->required();
        one->callback([=, &chosen] {
            chosen = [=](Store& store, std::ostream& out) { return run(store, given->group, given->user, out); };
        });
    };
    about_one("add", "add a group", add_group);
    about_one("delete", "delete a group that has no permissions on devices", delete_group);
    groups->add_subcommand("list", "print all groups, each with its users")->callback([&chosen] {
        chosen = list_groups;
    });
    about_member("join", "put a user into a group", join_group);
    about_member("leave", "take a user out of a group", leave_group);
}

}  // namespace patchbay
