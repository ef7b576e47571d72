// SPDX-License-Identifier: Apache-2.0
#include "daemon/admin/outbox.hpp"

#include <ostream>

#include "daemon/admin/command.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/remote_tokens.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {
namespace {

constexpr std::int64_t most_listed = 1000;

void print(std::ostream& out, const NotificationRow& row) {
    const bool waits = row.phase == NotificationPhase::waiting;
    out << row.id.value << "\tjob " << row.job.value << "\t" << to_string(row.kind) << "\t" << to_string(row.phase)
        << "\t" << row.attempts << " attempts\t" << (waits ? "next " + format_log_time(row.due) : "-") << "\t"
        << row.address << "\t" << row.problem << "\n";
}

}  // namespace

Task<> set_email(Store& store, std::string user, std::string email, std::ostream& out) {
    known_user(store.reader(), user);
    auto set = [user, email](Database& db) { return Users{db}.set_email(user, email); };
    co_await change_store(store, {"", "user.email", user, ""}, std::move(set));
    out << (email.empty() ? "user " + user + " gets no mail\n" : "mail for " + user + " goes to " + email + "\n");
}

Task<> add_remote_token(Store& store, std::string user, std::string name, std::string value, std::ostream& out) {
    const auto id = known_user(store.reader(), user).id;
    while (value.ends_with('\n') || value.ends_with('\r')) value.pop_back();
    auto set = [id, name, value](Database& db) { RemoteTokens{db}.set(id, name, value, wall_now()); };
    co_await change_store(store, {"", "remote-token.add", name, "of " + user}, std::move(set));
    out << "remote token " << name << " of " << user << " stored\n";
}

Task<> list_remote_tokens(Store& store, std::string user, std::ostream& out) {
    std::optional<UserId> only;
    if (!user.empty()) only = known_user(store.reader(), user).id;
    for (const auto& token : RemoteTokens{store.reader()}.list(only))
        out << token.user << "\t" << token.name << "\t" << format_log_time(token.created) << "\n";
    co_return;
}

Task<> delete_remote_token(Store& store, std::string user, std::string name, std::ostream& out) {
    const auto id = known_user(store.reader(), user).id;
    auto remove = [id, user, name](Database& db) {
        if (!RemoteTokens{db}.remove(id, name))
            throw JobError{"remote token '" + name + "': user " + user +
                           " has none; see `patchbayd remote-token list`"};
    };
    co_await change_store(store, {"", "remote-token.delete", name, "of " + user}, std::move(remove));
    out << "remote token " << name << " of " << user << " deleted\n";
}

Task<> list_outbox(Store& store, std::ostream& out) {
    for (const auto phase : {NotificationPhase::waiting, NotificationPhase::behind, NotificationPhase::given_up}) {
        const auto rows = Outbox{store.reader()}.list(phase, most_listed);
        for (const auto& row : rows) print(out, row);
        if (rows.size() == static_cast<std::size_t>(most_listed))
            out << "and perhaps more that are " << to_string(phase) << "\n";
    }
    co_return;
}

Task<> retry_outbox(Store& store, std::int64_t id, std::ostream& out) {
    auto retry = [id](Database& db) {
        Outbox outbox{db};
        const auto count = id == 0 ? outbox.retry_all(wall_now()) : outbox.retry(NotificationId{id}, wall_now());
        const auto which = id == 0 ? "all" : "notification " + std::to_string(id);
        if (count > 0)
            Audit{db}.record({admin_name(), "notification.retry", which, std::to_string(count) + " sent again"},
                             wall_now());
        return count;
    };
    const auto count = co_await store.write(std::move(retry));
    if (id != 0 && count == 0)
        throw JobError{"notification " + std::to_string(id) + ": was not given up; see `patchbayd outbox list`"};
    out << count << " notification(s) will be sent again\n";
}

}  // namespace patchbay
