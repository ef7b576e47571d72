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

const std::string columns =
    "SELECT user_account.id, user_account.name, user_account.superuser, user_account.active, user_account.staff, "
    "user_account.first_name, user_account.last_name, user_account.email, user_account.created FROM user_account ";

UserRow read_user(const Statement& row) {
    UserRow user;
    user.id.value = row.integer(0);
    user.name = row.text(1);
    user.superuser = row.integer(2) != 0;
    user.active = row.integer(3) != 0;
    user.staff = row.integer(4) != 0;
    user.first_name = row.text(5);
    user.last_name = row.text(6);
    user.email = row.text(7);
    user.created = time_of(row.integer(8));
    return user;
}

void check_address(const std::string& email) {
    if (!email.empty() && !is_mail_address(email))
        throw JobError{"'" + email + "' is no mail address; write one like alice@lab.example, or '' for none"};
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
    static const auto sql = columns + "WHERE name = $1";
    return read_one(db_.run(sql, name));
}

std::optional<UserRow> Users::find(UserId id) {
    static const auto sql = columns + "WHERE id = $1";
    return read_one(db_.run(sql, id));
}

std::optional<UserRow> Users::find_by_email(const std::string& email) {
    static const auto sql = columns + "WHERE email = $1 AND email <> '' ORDER BY id LIMIT 1";
    return read_one(db_.run(sql, email));
}

std::vector<UserRow> Users::list(std::int64_t limit, std::int64_t offset) {
    static const auto sql = columns + "ORDER BY name LIMIT $1 OFFSET $2";
    auto rows = db_.run(sql, limit, offset);
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
    check_address(email);
    return db_.change("UPDATE user_account SET email = $1 WHERE name = $2", email, name) == 1;
}

bool Users::set_superuser(const std::string& name, bool superuser) {
    return db_.change("UPDATE user_account SET superuser = $1 WHERE name = $2", superuser, name) == 1;
}

std::int64_t Users::count() {
    auto row = db_.run("SELECT COUNT(*) FROM user_account");
    return row->step() ? row->integer(0) : 0;
}

void Users::update(const UserRow& user) {
    constexpr auto sql = R"sql(
        UPDATE user_account SET superuser = $1, active = $2, staff = $3, first_name = $4, last_name = $5, email = $6
        WHERE id = $7
    )sql";
    for (const auto* text : {&user.first_name, &user.last_name}) {
        if (text->size() > 150) throw JobError{"user '" + user.name + "': a name has at most 150 bytes"};
    }
    check_address(user.email);
    db_.change(sql, user.superuser, user.active, user.staff, user.first_name, user.last_name, user.email, user.id);
}

void Users::close(UserId user) {
    for (const auto* sql :
         {"UPDATE user_account SET active = 0, superuser = 0, staff = 0 WHERE id = $1",
          "DELETE FROM token WHERE user_id = $1", "DELETE FROM group_member WHERE user_id = $1",
          "DELETE FROM user_permission WHERE user_id = $1", "DELETE FROM user_password WHERE user_id = $1",
          "DELETE FROM remote_token WHERE user_id = $1"})
        db_.change(sql, user);
}

NewToken Users::add_token(UserId user, const std::string& description, WallTime now) {
    auto secret = make_secret();
    db_.change("INSERT INTO token (user_id, hash, description, created) VALUES ($1, $2, $3, $4)", user,
               sha256_hex(secret), description, now);
    return {TokenId{db_.last_id()}, std::move(secret)};
}

std::optional<UserRow> Users::find_by_token(std::string_view secret) {
    static const auto sql = columns + "JOIN token ON token.user_id = user_account.id WHERE token.hash = $1";
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

void Users::keep_tokens(UserId user, const std::string& description, std::int64_t newest) {
    constexpr auto sql = R"sql(
        DELETE FROM token WHERE id IN (
            SELECT id FROM token WHERE user_id = $1 AND description = $2 ORDER BY id DESC LIMIT -1 OFFSET $3)
    )sql";
    db_.change(sql, user, description, newest);
}

bool Users::delete_token(TokenId id) { return db_.change("DELETE FROM token WHERE id = $1", id) == 1; }

}  // namespace patchbay
