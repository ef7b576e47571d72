// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/users.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class UsersTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    Users users{lab.reader()};

    NewToken add_token(UserId user) {
        auto add = [user](Database& db) { return Users{db}.add_token(user, "laptop", wall_now()); };
        return lab.write(std::move(add));
    }
};

TEST_F(UsersTest, NamesAreCheckedAndUnique) {
    const auto alice = lab.add_user("alice", true);
    EXPECT_TRUE(users.find("alice")->superuser);
    EXPECT_EQ(users.find(alice)->name, "alice");
    EXPECT_FALSE(users.find("Alice"));
    EXPECT_THROW(lab.add_user("alice"), JobError);
    for (const std::string bad : {"", "a b", "a/b", "\xc3\xa9", "a:b"})
        EXPECT_THROW(lab.add_user(bad), JobError) << bad;
    EXPECT_THROW(lab.add_user(std::string(151, 'a')), JobError);
    EXPECT_NO_THROW(lab.add_user(std::string(150, 'a')));
    EXPECT_NO_THROW(lab.add_user("a.b@c+d-e_f"));
    EXPECT_EQ(users.list().size(), 3U);
}

TEST_F(UsersTest, ATokenIs128LettersAndDigitsAndStandsForItsUser) {
    const auto alice = lab.add_user("alice");
    const auto token = add_token(alice);
    EXPECT_EQ(token.secret.size(), 128U);
    EXPECT_EQ(token.secret.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"), std::string::npos);
    EXPECT_EQ(users.find_by_token(token.secret)->id, alice);
    EXPECT_FALSE(users.find_by_token(token.secret.substr(1)));
    EXPECT_FALSE(users.find_by_token(""));
    EXPECT_EQ(users.tokens(alice).at(0).description, "laptop");
    EXPECT_TRUE(users.tokens(UserId{99}).empty());
}

TEST_F(UsersTest, OnlyTheHashOfATokenIsOnTheDisk) {
    const auto token = add_token(lab.add_user("alice"));
    lab.store.reset();
    for (const auto& entry : std::filesystem::directory_iterator{lab.folder.path}) {
        std::ifstream file{entry.path(), std::ios::binary};
        const std::string content{std::istreambuf_iterator<char>{file}, {}};
        EXPECT_EQ(content.find(token.secret), std::string::npos) << entry.path();
    }
}

TEST_F(UsersTest, ADeletedTokenIsNobodyAndAnInactiveUserIsNamedSo) {
    const auto alice = lab.add_user("alice");
    const auto first = add_token(alice), second = add_token(alice);
    auto remove = [first](Database& db) { return Users{db}.delete_token(first.id); };
    EXPECT_TRUE(lab.write(remove));
    EXPECT_FALSE(lab.write(remove));
    EXPECT_FALSE(users.find_by_token(first.secret));
    EXPECT_TRUE(users.find_by_token(second.secret));
    auto disable = [](Database& db) { return Users{db}.set_active("alice", false); };
    EXPECT_TRUE(lab.write(disable));
    ASSERT_TRUE(users.find_by_token(second.secret));
    EXPECT_FALSE(users.find_by_token(second.secret)->active);
}

TEST(SecretTest, SecretsDifferAndTheHashIsSha256) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(seen.insert(make_secret()).second);
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace patchbay
