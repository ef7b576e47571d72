// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/passwords.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

TEST(PasswordTest, OnlyTheHashOfAPasswordIsStoredAndNoTwoAreAlike) {
    const auto hash = hash_password("correct horse");
    EXPECT_EQ(hash.find("horse"), std::string::npos);
    EXPECT_TRUE(is_password("correct horse", hash));
    EXPECT_FALSE(is_password("correct horsf", hash));
    EXPECT_FALSE(is_password("", hash));
    EXPECT_NE(hash_password("correct horse"), hash);
    for (const auto& broken : {hash.substr(0, hash.size() - 1), std::string{}, std::string{"scrypt:14:8:1:"},
                               "md5:" + hash, std::string{":"}})
        EXPECT_FALSE(is_password("correct horse", broken)) << broken;
    EXPECT_FALSE(is_password("correct horse", std::nullopt));
}

TEST(PasswordTest, ItsLengthHasBounds) {
    EXPECT_THROW(hash_password("1234567"), JobError);
    EXPECT_THROW(hash_password(std::string(1001, 'a')), JobError);
    EXPECT_TRUE(is_password(std::string(1000, 'a'), hash_password(std::string(1000, 'a'))));
}

TEST(PasswordTest, AClosedOrInactiveAccountLogsInNoMore) {
    TemporaryStore lab;
    const auto alice = lab.add_user("alice");
    auto set = [alice](Database& db) { Passwords{db}.set(alice, hash_password("correct horse")); };
    lab.write(set);
    const auto logs_in = [&](const std::string& password) {
        return Passwords{lab.reader()}.find_user("alice", password).has_value();
    };
    EXPECT_TRUE(logs_in("correct horse"));
    EXPECT_FALSE(logs_in("incorrect horse"));
    EXPECT_FALSE(Passwords{lab.reader()}.find_user("bob", "correct horse"));
    const auto activate = [&](bool active) {
        auto write = [active](Database& db) { Users{db}.set_active("alice", active); };
        lab.write(write);
    };
    activate(false);
    EXPECT_FALSE(logs_in("correct horse"));
    activate(true);
    auto other = [alice](Database& db) { Passwords{db}.set(alice, hash_password("battery staple")); };
    lab.write(other);
    EXPECT_FALSE(logs_in("correct horse"));
    EXPECT_TRUE(logs_in("battery staple"));
    auto close = [alice](Database& db) { Users{db}.close(alice); };
    lab.write(close);
    activate(true);
    EXPECT_FALSE(logs_in("battery staple"));
}

}  // namespace
}  // namespace patchbay
