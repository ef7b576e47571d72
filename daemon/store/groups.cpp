// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/groups.hpp"

#include <algorithm>
#include <string_view>

#include "daemon/store/id_set.hpp"

namespace patchbay {
namespace {

bool is_group_name(std::string_view name) {
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    return !name.empty() && name.size() <= 150 && name.front() != ' ' && name.back() != ' ' &&
           std::none_of(name.begin(), name.end(), is_control);
}

std::optional<GroupRow> read_one(StatementHandle rows) {
    if (!rows->step()) return std::nullopt;
    return GroupRow{GroupId{rows->integer(0)}, std::string{rows->text(1)}};
}

std::vector<GroupRow> read_all(StatementHandle rows) {
    std::vector<GroupRow> groups;
    while (rows->step()) groups.push_back({GroupId{rows->integer(0)}, std::string{rows->text(1)}});
    return groups;
}

}  // namespace

void Groups::check_new(const std::string& name) {
    if (!is_group_name(name))
        throw JobError{"group '" + name +
                       "': a name has 1 to 150 bytes, no control characters and no blanks at its ends; choose another"};
    if (find(name)) throw JobError{"group '" + name + "': exists already; see `patchbayd group list`"};
}

void Groups::rename(GroupId group, const std::string& name) {
    check_new(name);
    db_.change("UPDATE user_group SET name = $1 WHERE id = $2", name, group);
}

GroupId Groups::add(const std::string& name) {
    check_new(name);
    db_.change("INSERT INTO user_group (name) VALUES ($1)", name);
    return GroupId{db_.last_id()};
}

GroupId Groups::find_or_add(const std::string& name) {
    const auto known = find(name);
    return known ? known->id : add(name);
}

std::optional<GroupRow> Groups::find(const std::string& name) {
    return read_one(db_.run("SELECT id, name FROM user_group WHERE name = $1", name));
}

std::optional<GroupRow> Groups::find(GroupId id) {
    return read_one(db_.run("SELECT id, name FROM user_group WHERE id = $1", id));
}

std::vector<GroupRow> Groups::list(std::int64_t limit, std::int64_t offset) {
    return read_all(db_.run("SELECT id, name FROM user_group ORDER BY name LIMIT $1 OFFSET $2", limit, offset));
}

std::int64_t Groups::count() {
    auto row = db_.run("SELECT COUNT(*) FROM user_group");
    return row->step() ? row->integer(0) : 0;
}

bool Groups::remove(GroupId group) {
    const auto known = find(group);
    if (!known) return false;
    auto held = db_.run("SELECT object FROM object_permission WHERE group_id = $1 LIMIT 1", group);
    if (held->step()) {
        throw JobError{"group '" + known->name + "': still has permissions on '" + std::string{held->text(0)} +
                       "'; delete them first, see `patchbayd permission list`: what no group may see is everybody's"};
    }
    held.reset();
    return db_.change("DELETE FROM user_group WHERE id = $1", group) == 1;
}

bool Groups::join(UserId user, GroupId group) {
    return db_.change("INSERT OR IGNORE INTO group_member (user_id, group_id) VALUES ($1, $2)", user, group) == 1;
}

bool Groups::leave(UserId user, GroupId group) {
    return db_.change("DELETE FROM group_member WHERE user_id = $1 AND group_id = $2", user, group) == 1;
}

void Groups::set(UserId user, const std::vector<GroupId>& groups) {
    db_.change("DELETE FROM group_member WHERE user_id = $1", user);
    for (const auto group : groups) join(user, group);
}

std::vector<GroupRow> Groups::of(UserId user) {
    constexpr auto sql = R"sql(
        SELECT user_group.id, user_group.name FROM group_member JOIN user_group ON user_group.id = group_member.group_id
        WHERE group_member.user_id = $1 ORDER BY user_group.name
    )sql";
    return read_all(db_.run(sql, user));
}

std::vector<std::string> Groups::members(GroupId group) {
    constexpr auto sql = R"sql(
        SELECT user_account.name FROM group_member JOIN user_account ON user_account.id = group_member.user_id
        WHERE group_member.group_id = $1 ORDER BY user_account.name
    )sql";
    auto rows = db_.run(sql, group);
    std::vector<std::string> names;
    while (rows->step()) names.emplace_back(rows->text(0));
    return names;
}

std::int64_t Groups::viewing_set(const std::vector<GroupId>& groups) {
    const auto key = format_id_set(groups);
    if (key.empty()) return 1;
    auto known = db_.run("SELECT id FROM viewing_set WHERE groups = $1", key);
    if (known->step()) return known->integer(0);
    known.reset();
    const auto each = parse_id_set<GroupId>(key);
    db_.change("INSERT INTO viewing_set (groups, size) VALUES ($1, $2)", key, each.size());
    const auto id = db_.last_id();
    for (const auto group : each)
        db_.change("INSERT INTO viewing_set_group (group_id, viewing_set) VALUES ($1, $2)", group, id);
    return id;
}

}  // namespace patchbay
