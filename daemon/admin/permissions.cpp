// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/permissions.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <ostream>

#include "daemon/admin/command.hpp"
#include "daemon/store/groups.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {
namespace {

struct Arguments {
    std::string group, user;         ///< one of them
    std::string permission, object;  ///< no object: everywhere
};

/// A permission on one device or type, as its name says which.
struct Named {
    Restrictable kind = Restrictable::device;
    Permission permission = Permission::view;
};

std::optional<Named> named(const std::string& name) {
    for (const auto kind : {Restrictable::device, Restrictable::device_type}) {
        if (const auto permission = permission_named(kind, name)) return Named{kind, *permission};
    }
    return std::nullopt;
}

Named object_permission(const Arguments& given) {
    const auto found = named(given.permission);
    if (!found) {
        throw JobError{
            "permission '" + given.permission +
            "': on one device it is view_device, submit_to_device or change_device, on one device type "
            "view_devicetype, submit_to_devicetype or change_devicetype; without OBJECT it holds everywhere"};
    }
    if (given.group.empty()) {
        throw JobError{"permission '" + given.permission + "' on '" + given.object +
                       "': is given to a group, not to a user; name one with --group"};
    }
    return *found;
}

Holder holder(Database& db, const Arguments& given) {
    if (!given.group.empty()) return known_group(db, given.group).id;
    return known_user(db, given.user).id;
}

std::string described(const Arguments& given) {
    return (given.group.empty() ? "user " + given.user : "group " + given.group) + ": " + given.permission +
           (given.object.empty() ? " everywhere" : " on " + given.object);
}

Deed deed(const Arguments& given, const std::string& action) {
    return {"", action, given.group.empty() ? given.user : given.group, described(given)};
}

Task<> add_permission(Store& store, Arguments given, std::ostream& out) {
    auto grant = [given](Database& db) {
        if (given.object.empty()) {
            Permissions{db}.grant_everywhere(holder(db, given), given.permission);
        } else {
            const auto wanted = object_permission(given);
            Permissions{db}.grant(wanted.kind, given.object, wanted.permission, known_group(db, given.group).id);
        }
    };
    co_await change_store(store, deed(given, "permission.add"), std::move(grant));
    out << described(given) << "\n";
}

Task<> delete_permission(Store& store, Arguments given, std::ostream& out) {
    auto revoke = [given](Database& db) {
        bool held = false;
        if (given.object.empty()) {
            held = Permissions{db}.revoke_everywhere(holder(db, given), given.permission);
        } else {
            const auto wanted = object_permission(given);
            held =
                Permissions{db}.revoke(wanted.kind, given.object, wanted.permission, known_group(db, given.group).id);
        }
        if (!held) throw JobError{described(given) + ": was not granted; see `patchbayd permission list`"};
    };
    co_await change_store(store, deed(given, "permission.delete"), std::move(revoke));
    out << described(given) << ": deleted\n";
}

Task<> list_permissions(Store& store, std::ostream& out) {
    auto& db = store.reader();
    Permissions permissions{db};
    for (const auto kind : {Restrictable::device, Restrictable::device_type}) {
        for (const auto& row : permissions.list(kind, {}))
            out << "group\t" << row.group.name << "\t" << codename(kind, row.permission) << "\t" << row.object << "\n";
    }
    for (const auto& group : Groups{db}.list()) {
        for (const auto& name : permissions.everywhere(group.id))
            out << "group\t" << group.name << "\t" << name << "\n";
    }
    for (const auto& user : Users{db}.list()) {
        for (const auto& name : permissions.everywhere(user.id)) out << "user\t" << user.name << "\t" << name << "\n";
    }
    co_return;
}

}  // namespace

void add_permission_commands(CLI::App& app, AdminCommand& chosen) {
    auto* permissions = app.add_subcommand("permission", "who may view, submit to and change devices");
    permissions->require_subcommand(1);
    const auto given = std::make_shared<Arguments>();
    const auto about_one = [&](const char* command, const char* what, auto run) {
        auto* one = permissions->add_subcommand(command, what);
        one->add_option("PERMISSION", given->permission, "view_device, submit_to_devicetype, ...")->required();
        one->add_option("OBJECT", given->object, "a device or device type; without one it holds everywhere");
        auto* who = one->add_option_group("who");
        who->add_option("--group", given->group, "name of the group");
        who->add_option("--user", given->user, "user name; of a permission that holds everywhere");
        who->require_option(1);
        one->callback(
            [=, &chosen] { chosen = [=](Store& store, std::ostream& out) { return run(store, *given, out); }; });
    };
    about_one("add", "grant a permission", add_permission);
    about_one("delete", "take a permission away", delete_permission);
    permissions->add_subcommand("list", "print all permissions: who, which, on what")->callback([&chosen] {
        chosen = list_permissions;
    });
}

}  // namespace patchbay
