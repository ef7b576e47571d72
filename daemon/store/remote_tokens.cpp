// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/remote_tokens.hpp"

#include <algorithm>

namespace patchbay {

void RemoteTokens::set(UserId user, const std::string& name, const std::string& value, WallTime now) {
    constexpr auto sql = R"sql(
        INSERT INTO remote_token (user_id, name, value, created) VALUES ($1, $2, $3, $4)
        ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value, created = excluded.created
    )sql";
    if (name.empty() || name.size() > 100)
        throw JobError{"remote token '" + name.substr(0, 100) + "': a name has 1 to 100 characters; choose another"};
    const auto unfit = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
    if (value.empty() || value.size() > 4096 || std::any_of(value.begin(), value.end(), unfit))
        throw JobError{"remote token '" + name +
                       "': a secret has 1 to 4096 characters and no control character; it is sent in a header"};
    db_.change(sql, user, name, value, now);
}

bool RemoteTokens::remove(UserId user, const std::string& name) {
    return db_.change("DELETE FROM remote_token WHERE user_id = $1 AND name = $2", user, name) == 1;
}

std::optional<std::string> RemoteTokens::value(UserId user, const std::string& name) {
    auto row = db_.run("SELECT value FROM remote_token WHERE user_id = $1 AND name = $2", user, name);
    if (!row->step()) return std::nullopt;
    return std::string{row->text(0)};
}

std::map<std::string, std::string> RemoteTokens::values(UserId user) {
    auto rows = db_.run("SELECT name, value FROM remote_token WHERE user_id = $1", user);
    std::map<std::string, std::string> values;
    while (rows->step()) values.emplace(rows->text(0), rows->text(1));
    return values;
}

std::vector<std::string> RemoteTokens::names(UserId user) {
    auto rows = db_.run("SELECT name FROM remote_token WHERE user_id = $1 ORDER BY name", user);
    std::vector<std::string> names;
    while (rows->step()) names.emplace_back(rows->text(0));
    return names;
}

std::vector<RemoteTokens::Row> RemoteTokens::list(std::optional<UserId> user) {
    constexpr auto sql = R"sql(
        SELECT u.name, t.name, t.created FROM remote_token t JOIN user_account u ON u.id = t.user_id
        WHERE $1 IS NULL OR t.user_id = $1 ORDER BY u.name, t.name
    )sql";
    auto rows = db_.run(sql, user);
    std::vector<Row> tokens;
    while (rows->step())
        tokens.push_back({std::string{rows->text(0)}, std::string{rows->text(1)}, time_of(rows->integer(2))});
    return tokens;
}

}  // namespace patchbay
