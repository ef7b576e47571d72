// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/users.hpp"

#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/people/named_page.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/store/audited.hpp"
#include "daemon/store/groups.hpp"
#include "daemon/store/passwords.hpp"

namespace patchbay {
namespace {

void write_user(JsonWriter& json, const UserRow& user, Groups groups) {
    json.begin_object().member("id", user.id).member("username", user.name);
    json.member("first_name", user.first_name).member("last_name", user.last_name).member("email", user.email);
    json.member("is_active", user.active).member("is_staff", user.staff).member("is_superuser", user.superuser);
    json.key("groups").begin_array();
    for (const auto& group : groups.of(user.id)) json.value(group.name);
    json.end_array();
    json.member("last_login", nullptr).member("date_joined", user.created).end_object();
}

Response answer_user(int status, const Call& call, UserId id) {
    auto& db = call.lab.store.reader();
    JsonWriter json;
    write_user(json, *Users{db}.find(id), Groups{db});
    return json_answer(status, json.take());
}

UserRow find_user(const Call& call) {
    auto user = Users{call.lab.store.reader()}.find(UserId{path_number(call, 0)});
    if (!user) throw not_found();
    return std::move(*user);
}

/// What the body says of a user; what it leaves out stays.
struct UserChange {
    UserRow user;
    std::optional<std::vector<GroupId>> groups;
    std::optional<std::string> password;
    std::optional<std::string> password_hash;
    std::string said;  ///< the names of the fields, for the record
};

UserChange read_change(const Fields& fields, UserRow user, Groups groups) {
    UserChange change;
    change.user = std::move(user);
    const auto given = [&](std::string_view name) {
        if (!fields.find(name)) return false;
        change.said += (change.said.empty() ? "" : ", ") + std::string{name};
        return true;
    };
    if (given("password")) change.password = fields.text("password").value_or("");
    if (given("first_name")) change.user.first_name = fields.text("first_name").value_or("");
    if (given("last_name")) change.user.last_name = fields.text("last_name").value_or("");
    if (given("email")) change.user.email = fields.text("email").value_or("");
    if (given("is_active")) change.user.active = fields.flag("is_active");
    if (given("is_staff")) change.user.staff = fields.flag("is_staff");
    if (given("is_superuser")) change.user.superuser = fields.flag("is_superuser");
    if (!given("groups")) return change;
    const auto* list = fields.find("groups")->as_list();
    if (!list) throw field_error("groups", "Expected a list of items but got type \"str\".");
    change.groups.emplace();
    for (const auto& item : *list) {
        const auto name = config::python_str(item);
        const auto group = groups.find(name);
        if (!group) throw field_error("groups", "Object with name=" + name + " does not exist.");
        change.groups->push_back(group->id);
    }
    return change;
}

void store_change(Database& db, const UserChange& change) {
    Users{db}.update(change.user);
    if (change.groups) Groups{db}.set(change.user.id, *change.groups);
    if (change.password_hash) Passwords{db}.set(change.user.id, *change.password_hash);
}

Task<> hash(UserChange& change, Store& store) {
    if (!change.password) co_return;
    auto work = [password = *change.password](Database&) { return hash_password(password); };
    change.password_hash = co_await store.read_on_worker(std::move(work));
    change.password.reset();
}

}  // namespace

Task<Response> list_users(Call& call) {
    auto& db = call.lab.store.reader();
    const auto write = [&db](JsonWriter& json, const UserRow& user) { write_user(json, user, Groups{db}); };
    co_return named_page(call, "username", Users{db}, write);
}

Task<Response> show_user(Call& call) { co_return answer_user(200, call, find_user(call).id); }

Task<Response> add_user(Call& call) {
    const Fields fields{call.request};
    auto& db = call.lab.store.reader();
    UserRow user;
    user.name = fields.required_text("username");
    if (Users{db}.find(user.name)) throw field_error("username", "A user with that username already exists.");
    auto change = read_change(fields, user, Groups{db});
    co_await hash(change, call.lab.store);
    auto add = [change](Database& writer) {
        auto whole = change;
        whole.user.id = Users{writer}.add(change.user.name, change.user.superuser, wall_now());
        store_change(writer, whole);
        return whole.user.id;
    };
    const auto id =
        co_await write_audited(call.lab.store, {call.user->name, "user.add", user.name, change.said}, std::move(add));
    co_return answer_user(201, call, id);
}

Task<Response> change_user(Call& call) {
    const Fields fields{call.request};
    const auto user = find_user(call);
    if (call.request.method == Method::put) fields.required_text("username");
    if (const auto name = fields.text("username"); name && *name != user.name)
        throw field_error("username", "A user's name stays: personal jobs are kept under it.");
    auto change = read_change(fields, user, Groups{call.lab.store.reader()});
    co_await hash(change, call.lab.store);
    auto update = [change](Database& db) { store_change(db, change); };
    co_await write_audited(call.lab.store, {call.user->name, "user.change", user.name, change.said}, std::move(update));
    call.lab.scheduler.wake_all();  // who is in a group may submit where others may not
    co_return answer_user(200, call, user.id);
}

/// What a user did stays the user's: the account is closed.
Task<Response> delete_user(Call& call) {
    const auto user = find_user(call);
    auto close = [user](Database& db) { Users{db}.close(user.id); };
    co_await write_audited(call.lab.store, {call.user->name, "user.delete", user.name, ""}, std::move(close));
    co_return no_content();
}

}  // namespace patchbay
