// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/permissions.hpp"

#include <algorithm>
#include <array>

#include "daemon/store/bound_filter.hpp"

namespace patchbay {
namespace {

constexpr std::array<std::array<std::string_view, 3>, 2> codenames{{
    {"view_device", "submit_to_device", "change_device"},
    {"view_devicetype", "submit_to_devicetype", "change_devicetype"},
}};

constexpr std::array<std::string_view, 23> everywhere_names{
    "auth.add_group",
    "auth.add_user",
    "auth.change_group",
    "auth.change_user",
    "auth.view_group",
    "auth.view_user",
    "lava_scheduler_app.add_alias",
    "lava_scheduler_app.add_tag",
    "lava_scheduler_app.add_worker",
    "lava_scheduler_app.change_alias",
    "lava_scheduler_app.change_device",
    "lava_scheduler_app.change_devicetype",
    "lava_scheduler_app.change_tag",
    "lava_scheduler_app.change_testjob",
    "lava_scheduler_app.change_worker",
    "lava_scheduler_app.delete_alias",
    "lava_scheduler_app.delete_tag",
    "lava_scheduler_app.delete_worker",
    "lava_scheduler_app.submit_to_device",
    "lava_scheduler_app.submit_to_devicetype",
    "lava_scheduler_app.view_device",
    "lava_scheduler_app.view_devicetype",
    "lava_scheduler_app.view_testjob",
};
static_assert(std::ranges::is_sorted(everywhere_names));

struct NotGranted {
    std::string_view name, reason;
};
constexpr std::string_view of_file =
    "devices come and go with the lab's configuration file (devices), and no permission changes it; change_device "
    "allows all else";
constexpr std::array<NotGranted, 6> not_granted{{
    {"lava_scheduler_app.add_device", of_file},
    {"lava_scheduler_app.add_devicetype", "change_devicetype allows it, over XML-RPC"},
    {"lava_scheduler_app.add_testjob", "every user submits; submit_to_device and submit_to_devicetype say where"},
    {"lava_scheduler_app.delete_device", of_file},
    {"lava_scheduler_app.delete_devicetype", "only superusers delete types"},
    {"lava_scheduler_app.delete_testjob", "only superusers delete jobs"},
}};

constexpr std::string_view columns =
    "SELECT object_permission.id, object_permission.kind, object_permission.object, object_permission.permission, "
    "user_group.id, user_group.name FROM object_permission JOIN user_group ON user_group.id = "
    "object_permission.group_id WHERE ";

PermissionRow read_permission(const Statement& row) {
    return {PermissionId{row.integer(0)},
            static_cast<Restrictable>(row.integer(1)),
            std::string{row.text(2)},
            static_cast<Permission>(row.integer(3)),
            {GroupId{row.integer(4)}, std::string{row.text(5)}}};
}

BoundFilter filter(Restrictable kind, const Permissions::Wanted& wanted) {
    BoundFilter bound{"object_permission.kind = $1", {static_cast<std::int64_t>(kind)}};
    const auto require = [&](const char* column, FilterValue value) {
        bound.where += " AND object_permission." + std::string{column} + " = " + bound.parameter(std::move(value));
    };
    if (wanted.object) require("object", *wanted.object);
    if (wanted.permission) require("permission", static_cast<std::int64_t>(*wanted.permission));
    if (wanted.group) require("group_id", wanted.group->value);
    return bound;
}

/// Where the permissions of users are, and where those of groups.
struct Place {
    std::string table, column;
    std::int64_t id;
};

Place place_of(const Holder& holder) {
    if (const auto* user = std::get_if<UserId>(&holder)) return {"user_permission", "user_id", user->value};
    return {"group_permission", "group_id", std::get<GroupId>(holder).value};
}

std::vector<std::string> read_names(StatementHandle rows) {
    std::vector<std::string> names;
    while (rows->step()) names.emplace_back(rows->text(0));
    return names;
}

std::string list_of_names() {
    std::string text;
    for (const auto name : everywhere_names) text += (text.empty() ? "" : ", ") + std::string{name};
    return text;
}

}  // namespace

std::string_view codename(Restrictable kind, Permission permission) {
    return codenames.at(static_cast<std::size_t>(kind)).at(static_cast<std::size_t>(permission));
}

std::optional<Permission> permission_named(Restrictable kind, std::string_view name) {
    for (const auto permission : {Permission::view, Permission::submit, Permission::change}) {
        if (codename(kind, permission) == name) return permission;
    }
    return std::nullopt;
}

std::span<const std::string_view> global_permissions() { return everywhere_names; }

std::string_view why_not_granted(std::string_view name) {
    const auto* known = std::ranges::find(not_granted, name, &NotGranted::name);
    return known == not_granted.end() ? std::string_view{} : known->reason;
}

void Permissions::check_known(Restrictable kind, const std::string& object) {
    const bool device = kind == Restrictable::device;
    auto known = db_.run(
        device ? "SELECT 1 FROM device WHERE hostname = $1" : "SELECT 1 FROM device_type WHERE name = $1", object);
    if (!known->step()) {
        throw JobError{std::string{device ? "device '" : "device type '"} + object +
                       "': the lab has none of this name; see `patchbay devices`"};
    }
}

PermissionId Permissions::grant(Restrictable kind, const std::string& object, Permission permission, GroupId group) {
    check_known(kind, object);
    constexpr auto sql = R"sql(
        INSERT OR IGNORE INTO object_permission (kind, object, permission, group_id) VALUES ($1, $2, $3, $4)
    )sql";
    db_.change(sql, kind, object, permission, group);
    return list(kind, {object, permission, group, 1, 0}).at(0).id;
}

bool Permissions::change(const PermissionRow& row) {
    check_known(row.kind, row.object);
    const auto same = list(row.kind, {row.object, row.permission, row.group.id, 1, 0});
    if (!same.empty()) return same[0].id == row.id;
    constexpr auto sql =
        "UPDATE object_permission SET object = $1, permission = $2, group_id = $3 WHERE kind = $4 AND id = $5";
    return db_.change(sql, row.object, row.permission, row.group.id, row.kind, row.id) == 1;
}

bool Permissions::revoke(Restrictable kind, const std::string& object, Permission permission, GroupId group) {
    constexpr auto sql = R"sql(
        DELETE FROM object_permission WHERE kind = $1 AND object = $2 AND permission = $3 AND group_id = $4
    )sql";
    return db_.change(sql, kind, object, permission, group) == 1;
}

bool Permissions::revoke(Restrictable kind, PermissionId id) {
    return db_.change("DELETE FROM object_permission WHERE kind = $1 AND id = $2", kind, id) == 1;
}

std::optional<PermissionRow> Permissions::find(Restrictable kind, PermissionId id) {
    static const auto sql = std::string{columns} + "object_permission.kind = $1 AND object_permission.id = $2";
    auto row = db_.run(sql, kind, id);
    if (!row->step()) return std::nullopt;
    return read_permission(*row);
}

std::vector<PermissionRow> Permissions::list(Restrictable kind, const Wanted& wanted) {
    const auto bound = filter(kind, wanted);
    Query page;
    page.limit = wanted.limit;
    page.offset = wanted.offset;
    auto rows = bound.page(db_, std::string{columns} + bound.where + " ORDER BY object_permission.id", page);
    std::vector<PermissionRow> permissions;
    while (rows->step()) permissions.push_back(read_permission(*rows));
    return permissions;
}

std::int64_t Permissions::count(Restrictable kind, const Wanted& wanted) {
    const auto bound = filter(kind, wanted);
    auto row = bound.prepare(db_, "SELECT COUNT(*) FROM object_permission WHERE " + bound.where);
    return row->step() ? row->integer(0) : 0;
}

bool Permissions::grant_everywhere(Holder holder, const std::string& name) {
    if (const auto reason = why_not_granted(name); !reason.empty())
        throw JobError{"permission '" + name + "': is given to nobody: " + std::string{reason}};
    if (!std::ranges::binary_search(everywhere_names, std::string_view{name}))
        throw JobError{"permission '" + name + "': is none of " + list_of_names()};
    const auto [table, column, id] = place_of(holder);
    return db_.change("INSERT OR IGNORE INTO " + table + " (" + column + ", codename) VALUES ($1, $2)", id, name) == 1;
}

bool Permissions::revoke_everywhere(Holder holder, const std::string& name) {
    const auto [table, column, id] = place_of(holder);
    return db_.change("DELETE FROM " + table + " WHERE " + column + " = $1 AND codename = $2", id, name) == 1;
}

std::vector<std::string> Permissions::everywhere(Holder holder) {
    const auto [table, column, id] = place_of(holder);
    return read_names(db_.run("SELECT codename FROM " + table + " WHERE " + column + " = $1 ORDER BY codename", id));
}

std::vector<std::string> Permissions::all_everywhere(UserId user) {
    constexpr auto sql = R"sql(
        SELECT codename FROM user_permission WHERE user_id = $1
        UNION SELECT codename FROM group_permission
        WHERE group_id IN (SELECT group_id FROM group_member WHERE user_id = $1)
        ORDER BY codename
    )sql";
    return read_names(db_.run(sql, user));
}

}  // namespace patchbay
