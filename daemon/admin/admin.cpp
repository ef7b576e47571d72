// SPDX-License-Identifier: Apache-2.0
#include "daemon/admin/admin.hpp"

#include <ostream>

#include "daemon/store/users.hpp"

namespace patchbay {

UserRow known_user(Store& store, const std::string& name) {
    auto user = Users{store.reader()}.find(name);
    if (!user) throw JobError{"user '" + name + "': does not exist; `patchbayd user add " + name + "` makes it"};
    return *user;
}

Task<> add_user(Store& store, std::string name, bool superuser, std::ostream& out) {
    auto add = [name, superuser](Database& db) { return Users{db}.add(name, superuser, wall_now()); };
    co_await store.write(std::move(add));
    out << "user " << name << " added\n";
}

Task<> list_users(Store& store, std::ostream& out) {
    for (const auto& user : Users{store.reader()}.list())
        out << user.name << (user.superuser ? " superuser" : "") << (user.active ? "" : " inactive") << "\n";
    co_return;
}

Task<> add_token(Store& store, std::string user, std::string description, std::ostream& out) {
    const auto id = known_user(store, user).id;
    auto add = [id, description](Database& db) { return Users{db}.add_token(id, description, wall_now()); };
    const auto token = co_await store.write(std::move(add));
    out << token.secret << "\n";
}

Task<> list_tokens(Store& store, std::string user, std::ostream& out) {
    std::optional<UserId> only;
    if (!user.empty()) only = known_user(store, user).id;
    for (const auto& token : Users{store.reader()}.tokens(only))
        out << token.id.value << "\t" << token.user << "\t" << format_log_time(token.created) << "\t"
            << token.description << "\n";
    co_return;
}

Task<> delete_token(Store& store, std::int64_t id, std::ostream& out) {
    auto remove = [id](Database& db) { return Users{db}.delete_token(TokenId{id}); };
    if (!co_await store.write(std::move(remove)))
        throw JobError{"token " + std::to_string(id) + ": does not exist; `patchbayd token list` shows their numbers"};
    out << "token " << id << " deleted\n";
}

}  // namespace patchbay
