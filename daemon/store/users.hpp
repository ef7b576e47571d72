// SPDX-License-Identifier: Apache-2.0
#pragma once
// People and their tokens. Of a token only the SHA-256 is kept: whoever reads the database cannot use it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

using TokenId = Id<struct TokenTag>;

struct TokenRow {
    TokenId id;
    std::string user;
    std::string description;
    WallTime created{};
};

struct NewToken {
    TokenId id;
    std::string secret;  ///< 128 characters of [a-z0-9]; shown once, never stored
};

class Users {
public:
    explicit Users(Database& db) : db_{db} {}

    /// Throws: JobError when the name is taken or is not one ([A-Za-z0-9@.+_-], at most 150 characters).
    UserId add(const std::string& name, bool superuser, WallTime now);
    std::optional<UserRow> find(const std::string& name);
    std::optional<UserRow> find(UserId id);
    /// The first who has this address; nobody has an empty one.
    std::optional<UserRow> find_by_email(const std::string& email);
    /// By name.
    std::vector<UserRow> list(std::int64_t limit = -1, std::int64_t offset = 0);
    std::int64_t count();
    bool set_active(const std::string& name, bool active);
    /// Where notifications go; "" for nowhere.
    std::string email(UserId user);
    /// False: no such user. Throws: JobError, it is no address.
    bool set_email(const std::string& name, const std::string& email);
    bool set_superuser(const std::string& name, bool superuser);
    /// All but id, name and creation. Throws: JobError when a text is too long.
    void update(const UserRow& user);
    /// What the user did stays; tokens, memberships and permissions go, and nobody is this user any more.
    void close(UserId user);

    NewToken add_token(UserId user, const std::string& description, WallTime now);
    /// The user that `secret` stands for, also one that was made inactive.
    std::optional<UserRow> find_by_token(std::string_view secret);
    std::vector<TokenRow> tokens(std::optional<UserId> user = {});
    bool delete_token(TokenId id);
    /// Of the user's tokens with this description all but the newest few become invalid.
    void keep_tokens(UserId user, const std::string& description, std::int64_t newest);

private:
    Database& db_;
};

/// 128 characters of [a-z0-9] from the system's generator: 661 bits.
std::string make_secret();
/// Lower-case hexadecimal.
std::string sha256_hex(std::string_view text);

}  // namespace patchbay
