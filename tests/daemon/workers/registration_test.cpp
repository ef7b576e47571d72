// SPDX-License-Identifier: Apache-2.0
// How workers come in, and what they are refused.
#include "tests/daemon/workers/worker_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class RegistrationTest : public WorkerTest {
protected:
    ApiAnswer apply(const std::string& form) { return tell("workers/", "", form); }
    void open() { lab.settings.worker_registration = {"192.0.2.0/24"}; }
};

TEST_F(RegistrationTest, IsOffUnlessTheLabNamesNetworks) {
    EXPECT_EQ(apply("name=rack-4").body, R"({"error": "Auto registration is disabled"})");
    EXPECT_EQ(apply("name=rack-4").status, 403);
}

TEST_F(RegistrationTest, GivesATokenOnceAndOnlyItsHashIsStored) {
    open();
    const auto answer = apply("name=rack-4");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto token = *answer.json().find("token")->as_string();
    EXPECT_EQ(token.size(), 32U);
    EXPECT_EQ(answer.body, R"({"name": "rack-4", "token": ")" + token + "\"}");
    EXPECT_EQ(ask("workers/rack-4/?version=1", token).status, 200);
    EXPECT_NE(worker("rack-4").token_hash.find(sha256_hex(token)), std::string::npos);
    EXPECT_EQ(apply("name=rack-4").body, R"({"error": "Worker 'rack-4' already registered"})");
    EXPECT_EQ(apply("name=rack-2").status, 403);
    EXPECT_EQ(apply("name=bench").body, R"({"error": "Worker 'bench' already registered"})") << "this machine";
}

TEST_F(RegistrationTest, OfAWorkerThatTheConfigurationNamesGivesItItsFirstToken) {
    open();
    auto configure = [](Database& db) { Workers{db}.configure("bench", {"rack-5"}); };
    lab.lab.write(configure);
    EXPECT_EQ(apply("name=rack-5").status, 200);
    EXPECT_EQ(apply("name=rack-5").status, 403);
}

TEST_F(RegistrationTest, IsRefusedWithLavasWords) {
    open();
    EXPECT_EQ(apply("").body, R"({"error": "Missing 'name'"})");
    EXPECT_EQ(apply("name=").status, 400);
    EXPECT_EQ(apply("name=..%2F..%2Fetc").status, 400);
    EXPECT_EQ(apply("name=" + std::string(201, 'x')).status, 400);
    EXPECT_EQ(apply("name=x&username=alice&password=wrong").body, R"({"error": "Unknown user alice"})");
    EXPECT_EQ(tell("workers/rack-2/", rack2, "name=rack-2").body, R"({"error": "POST is forbidden for such url"})");
    lab.settings.worker_registration = {"10.0.0.0/8"};
    EXPECT_EQ(apply("name=rack-4").body, R"({"error": "Auto registration is forbidden for '192.0.2.1'"})");
    EXPECT_EQ(apply("name=x&username=alice&password=" + lab.token("alice")).status, 403) << "no superuser";
    EXPECT_EQ(apply("name=x&username=bob&password=" + lab.token("root")).status, 403) << "another's token";
}

TEST_F(RegistrationTest, ByASuperuserIsAlwaysPossibleAndEndsTheOldToken) {
    const auto answer = apply("name=rack-2&username=root&password=" + lab.token("root"));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(ask("workers/rack-2/?version=1", rack2).status, 400);
    rack2 = *answer.json().find("token")->as_string();
    EXPECT_EQ(ping().status, 200);
}

TEST_F(RegistrationTest, DoesNotFillTheStore) {
    open();
    for (int i = 0; i < most_idle_workers; ++i) ASSERT_EQ(apply("name=w" + std::to_string(i)).status, 200) << i;
    const auto refused = apply("name=one-more");
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, HasSubstr("Too many workers"));
}

TEST_F(RegistrationTest, OfAPageOfAnotherSiteIsRefused) {
    open();
    const auto refused =
        lab.send("POST", base + "workers/",
                 "Sec-Fetch-Site: cross-site\r\nContent-Type: application/x-www-form-urlencoded\r\n", "name=rack-4");
    EXPECT_EQ(refused.status, 403);
    EXPECT_FALSE(Workers{lab.lab.reader()}.find("rack-4"));
}

TEST_F(RegistrationTest, OverRestIsForSuperusersAndShowsTheTokenOnce) {
    const std::string workers = "/api/v0.2/workers/";
    const auto made = lab.post(workers, "application/json", R"({"hostname": "rack-4", "description": "loft"})", "root");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_THAT(made.body, HasSubstr(R"("state":"Offline","description":"loft")"));
    EXPECT_EQ(ask("workers/rack-4/?version=1", *made.json().find("token")->as_string()).status, 200);
    EXPECT_EQ(lab.get(workers + "rack-4/", "root").body.find("token"), std::string::npos);
    EXPECT_EQ(lab.post(workers, "application/json", R"({"hostname": "rack-4"})", "root").body,
              R"({"hostname":["worker with this hostname already exists."]})");
    EXPECT_EQ(lab.post(workers, "application/json", R"({"hostname": "a b"})", "root").status, 400);
    EXPECT_EQ(lab.post(workers, "application/json", R"({"hostname": "x"})", "alice").status, 403);
    EXPECT_EQ(lab.send("DELETE", workers + "rack-4/", lab.authorization("root")).status, 204);
    EXPECT_EQ(ask("workers/rack-4/?version=1", "x").body, R"({"error": "Unknown worker 'rack-4'"})");
    EXPECT_EQ(lab.send("DELETE", workers + "rack-2/", lab.authorization("root")).status, 400) << "far-01 names it";
}

TEST_F(RegistrationTest, AWorkerWithATokenStaysOverARestart) {
    auto again = [](Database& db) {
        Workers{db}.enroll("rack-4", "hash");
        Workers{db}.configure("bench");
    };
    lab.lab.write(again);
    EXPECT_TRUE(Workers{lab.lab.reader()}.find("rack-4"));
    EXPECT_FALSE(worker("rack-2").token_hash.empty());
    EXPECT_TRUE(worker("rack-2").remote);
    EXPECT_FALSE(worker("bench").remote);
}

}  // namespace
}  // namespace patchbay
