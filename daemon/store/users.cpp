// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/users.hpp"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace patchbay {
namespace {

bool is_user_name(std::string_view name) {
    constexpr std::string_view marks = "@.+-_";
    const auto allowed = [&](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(static_cast<char>(c)) != std::string_view::npos;
    };
    return !name.empty() && name.size() <= 150 && std::all_of(name.begin(), name.end(), allowed);
}

UserRow read_user(const Statement& row) {
    return {UserId{row.integer(0)}, std::string{row.text(1)}, row.integer(2) != 0, row.integer(3) != 0};
}

std::optional<UserRow> read_one(StatementHandle rows) {
    if (!rows->step()) return std::nullopt;
    return read_user(*rows);
}

}  // namespace

std::string sha256_hex(std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const auto byte : hash) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

std::string make_secret() {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::string secret;
    while (secret.size() < 128) {
        std::array<unsigned char, 256> random{};
        if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
            throw InfrastructureError{"token: the system gives no random numbers"};
        for (const auto byte : random) {
            // 252 = 7 * 36: larger bytes would make the first letters more likely.
            if (byte < 252 && secret.size() < 128) secret += letters[byte % letters.size()];
        }
    }
    return secret;
}

UserId Users::add(const std::string& name, bool superuser, WallTime now) {
    if (!is_user_name(name))
        throw JobError{"user '" + name + "': a name has 1 to 150 letters, digits and @ . + - _; choose another"};
    if (find(name)) throw JobError{"user '" + name + "': exists already; see `patchbayd user list`"};
    db_.change("INSERT INTO user_account (name, superuser, created) VALUES ($1, $2, $3)", name, superuser, now);
    return UserId{db_.last_id()};
}

std::optional<UserRow> Users::find(const std::string& name) {
    return read_one(db_.run("SELECT id, name, superuser, active FROM user_account WHERE name = $1", name));
}

std::optional<UserRow> Users::find(UserId id) {
    return read_one(db_.run("SELECT id, name, superuser, active FROM user_account WHERE id = $1", id));
}

std::vector<UserRow> Users::list() {
    auto rows = db_.run("SELECT id, name, superuser, active FROM user_account ORDER BY name");
    std::vector<UserRow> users;
    while (rows->step()) users.push_back(read_user(*rows));
    return users;
}

bool Users::set_active(const std::string& name, bool active) {
    return db_.change("UPDATE user_account SET active = $1 WHERE name = $2", active, name) == 1;
}

std::string Users::email(UserId user) {
    auto row = db_.run("SELECT email FROM user_account WHERE id = $1", user);
    return row->step() ? std::string{row->text(0)} : std::string{};
}

bool Users::set_email(const std::string& name, const std::string& email) {
    if (!email.empty() && !is_mail_address(email))
        throw JobError{"'" + email + "' is no mail address; write one like alice@lab.example, or '' for none"};
    return db_.change("UPDATE user_account SET email = $1 WHERE name = $2", email, name) == 1;
}

NewToken Users::add_token(UserId user, const std::string& description, WallTime now) {
    auto secret = make_secret();
    db_.change("INSERT INTO token (user_id, hash, description, created) VALUES ($1, $2, $3, $4)", user,
               sha256_hex(secret), description, now);
    return {TokenId{db_.last_id()}, std::move(secret)};
}

std::optional<UserRow> Users::find_by_token(std::string_view secret) {
    constexpr auto sql = R"sql(
        SELECT u.id, u.name, u.superuser, u.active FROM token t JOIN user_account u ON u.id = t.user_id
        WHERE t.hash = $1
    )sql";
    return read_one(db_.run(sql, sha256_hex(secret)));
}

std::vector<TokenRow> Users::tokens(std::optional<UserId> user) {
    constexpr auto sql = R"sql(
        SELECT t.id, u.name, t.description, t.created FROM token t JOIN user_account u ON u.id = t.user_id
        WHERE $1 IS NULL OR t.user_id = $1 ORDER BY t.id
    )sql";
    auto rows = db_.run(sql, user);
    std::vector<TokenRow> tokens;
    while (rows->step())
        tokens.push_back({TokenId{rows->integer(0)}, std::string{rows->text(1)}, std::string{rows->text(2)},
                          time_of(rows->integer(3))});
    return tokens;
}

bool Users::delete_token(TokenId id) { return db_.change("DELETE FROM token WHERE id = $1", id) == 1; }

}  // namespace patchbay
