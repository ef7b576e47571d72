// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/passwords.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "core/errors.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {
namespace {

// 2^14 blocks of 8: what RFC 7914 names for logins of people. The text begins with them, so that others can follow.
constexpr std::string_view method = "scrypt:14:8:1:";
constexpr std::uint64_t cost = 1U << 14U, block = 8, parallel = 1;
constexpr std::uint64_t most_memory = 64U << 20U;
constexpr std::size_t shortest = 8, longest = 1000;

std::string hexadecimal(const unsigned char* bytes, std::size_t count) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += digits[bytes[i] >> 4U];
        text += digits[bytes[i] & 15U];
    }
    return text;
}

/// `salt` counts as text.
std::string scrypt(std::string_view password, const std::string& salt) {
    std::array<unsigned char, 32> key{};
    if (EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                       salt.size(), cost, block, parallel, most_memory, key.data(), key.size()) != 1)
        throw InfrastructureError{"password: it cannot be hashed; is there memory left?"};
    return hexadecimal(key.data(), key.size());
}

}  // namespace

std::string hash_password(std::string_view password) {
    if (password.size() < shortest || password.size() > longest)
        throw JobError{"password: has 8 to 1000 bytes; choose another"};
    std::array<unsigned char, 16> random{};
    if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
        throw InfrastructureError{"password: the system gives no random numbers"};
    const auto salt = hexadecimal(random.data(), random.size());
    return std::string{method} + salt + ":" + scrypt(password, salt);
}

bool is_password(std::string_view password, const std::optional<std::string>& hash) {
    std::string_view stored = hash ? std::string_view{*hash} : std::string_view{};
    const bool known = stored.starts_with(method);
    if (known) stored.remove_prefix(method.size());
    const auto colon = std::min(stored.find(':'), stored.size());
    const auto wanted = stored.substr(std::min(colon + 1, stored.size()));
    const auto found = scrypt(password.substr(0, longest), std::string{stored.substr(0, colon)});
    return known && found.size() == wanted.size() && CRYPTO_memcmp(found.data(), wanted.data(), found.size()) == 0;
}

void Passwords::set(UserId user, const std::string& hash) {
    db_.change(
        "INSERT INTO user_password (user_id, hash) VALUES ($1, $2) ON CONFLICT (user_id) DO UPDATE SET hash = $2", user,
        hash);
}

bool Passwords::remove(UserId user) { return db_.change("DELETE FROM user_password WHERE user_id = $1", user) == 1; }

std::optional<UserRow> Passwords::find_user(const std::string& name, std::string_view password) {
    auto user = Users{db_}.find(name);
    std::optional<std::string> hash;
    if (user) {
        auto row = db_.run("SELECT hash FROM user_password WHERE user_id = $1", user->id);
        if (row->step()) hash = row->text(0);
    }
    if (!is_password(password, hash) || !user->active) return std::nullopt;
    return user;
}

}  // namespace patchbay
