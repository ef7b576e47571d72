// SPDX-License-Identifier: Apache-2.0
// Who somebody is, and what nobody may see.
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class AccessTest : public ApiTest {
protected:
    ApiAnswer with(const std::string& authorization, const std::string& target = "/api/v0.2/system/whoami/") {
        return lab.send("GET", target, "Authorization: " + authorization + "\r\n");
    }
};

TEST_F(AccessTest, ATokenIsItsUser) {
    EXPECT_EQ(lab.get("/api/v0.2/system/whoami/").body, R"({"user":""})");
    EXPECT_EQ(lab.get("/api/v0.2/system/whoami/", "alice").body, R"({"user":"alice"})");
    EXPECT_EQ(with("tOkEn  " + lab.token("bob")).body, R"({"user":"bob"})");
    EXPECT_EQ(with("Bearer " + lab.token("bob")).body, R"({"user":""})");
    EXPECT_EQ(with("Basic YTpi").body, R"({"user":""})");
}

TEST_F(AccessTest, ABadTokenIsRefusedAlsoWhereNobodyMayRead) {
    const std::string list = "/api/v0.2/jobs/";
    EXPECT_EQ(with("Token " + std::string(40, '0'), list).body, R"({"detail":"Invalid token."})");
    EXPECT_EQ(with("Token " + std::string(40, '0'), list).status, 403);
    EXPECT_EQ(with("Token", list).body, R"({"detail":"Invalid token header. No credentials provided."})");
    EXPECT_EQ(with("Token a b", list).body,
              R"({"detail":"Invalid token header. Token string should not contain spaces."})");
    EXPECT_EQ(with("Token ' OR 1=1 --", list).status, 403);
    EXPECT_FALSE(with("Token x", list).headers.contains("WWW-Authenticate"));
}

TEST_F(AccessTest, ALargeBodyIsReadFromAUserOrWhereNobodyNeedsToLogIn) {
    const auto text = definition() + "# " + std::string(100'000, 'x') + "\n";
    EXPECT_EQ(lab.post_definition("/api/v0.2/jobs/", text, "alice").status, 201);
    EXPECT_EQ(lab.post_definition("/api/v0.2/jobs/", text).status, 413);
    EXPECT_EQ(lab.post_definition("/api/v0.2/nowhere/", text).status, 413);
    EXPECT_EQ(lab.post_definition("/api/v0.2/jobs/", definition()).status, 403) << "a small one is told to log in";
    EXPECT_EQ(lab.post_definition("/api/v0.2/jobs/validate/", text).body, R"({"message":"Job valid."})");
    const auto wrong = lab.send("POST", "/api/v0.2/jobs/", "Authorization: Token x\r\n", text);
    EXPECT_EQ(wrong.status, 413);
    EXPECT_NE(wrong.body.find("needs a valid token"), std::string::npos) << wrong.body;
}

TEST_F(AccessTest, ADisabledUserIsRefused) {
    auto disable = [](Database& db) { Users{db}.set_active("bob", false); };
    lab.lab.write(std::move(disable));
    const auto answer = lab.get("/api/v0.2/system/whoami/", "bob");
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.body, R"({"detail":"User inactive or deleted."})");
}

TEST_F(AccessTest, OnlyTheHashOfATokenIsStored) {
    const auto secret = lab.token("alice");
    auto rows = lab.lab.reader().run("SELECT COUNT(*) FROM token WHERE hash = $1", secret);
    ASSERT_TRUE(rows->step());
    EXPECT_EQ(rows->integer(0), 0);
    rows = lab.lab.reader().run("SELECT COUNT(*) FROM token WHERE hash = $1", sha256_hex(secret));
    ASSERT_TRUE(rows->step());
    EXPECT_EQ(rows->integer(0), 1);
}

TEST_F(AccessTest, APersonalJobIsNotThereForOthers) {
    auto text = definition("mine");
    text.replace(text.find("public"), 6, "personal");
    ASSERT_EQ(lab.post_definition("/api/v0.2/jobs/", text, "alice").status, 201);
    const JobId job{1};
    for (const std::string rest : {"", "cancel/", "csv/", "definition/", "events/", "junit/", "logs/", "metadata/",
                                   "suites/", "tap13/", "tests/", "yaml/"}) {
        for (const std::string who : {"", "bob"}) {
            const auto answer = lab.get(url(job, rest), who);
            EXPECT_EQ(answer.status, 404) << rest << who;
            EXPECT_EQ(answer.body, R"({"detail":"Not found."})");
        }
    }
    for (const std::string page :
         {"/scheduler/job/1", "/scheduler/job/1/definition/plain", "/scheduler/job/1/log_file/plain", "/results/1/csv",
          "/results/1/yaml", "/results/1/yaml_summary", "/results/1/metadata"}) {
        const auto query = "?user=alice&token=" + lab.token("alice");
        EXPECT_EQ(lab.get(page).status, 404) << page;
        EXPECT_EQ(lab.get(page + query).status, 404) << page << ": a token in the address is none";
        EXPECT_EQ(lab.get(page, "bob").status, 404) << page;
    }
    EXPECT_EQ(lab.get("/scheduler/job/1/definition/plain", "alice").body, lab.job(job).original_definition);
    EXPECT_EQ(lab.send("POST", url(job, "resubmit/"), lab.authorization("bob")).status, 404);
    EXPECT_EQ(lab.get(url(job), "alice").status, 200);
    EXPECT_EQ(lab.get(url(job), "root").status, 200);
    EXPECT_EQ(*lab.get("/api/v0.2/jobs/").json().find("count"), config::Value{0});
    EXPECT_EQ(*lab.get("/api/v0.2/jobs/", "bob").json().find("count"), config::Value{0});
    EXPECT_EQ(*lab.get("/api/v0.2/jobs/", "alice").json().find("count"), config::Value{1});
    EXPECT_EQ(lab.job(job).state, JobState::submitted) << "bob's cancel must not reach it";
}

TEST_F(AccessTest, WhoMaySubmitMayCountTheQueue) {
    submit("of alice");
    submit("of bob", {}, "bob");
    lab.schedule(submit("has a device"), "qemu-01");
    const auto queue =
        lab.get("/api/v0.2/jobs/?format=json&limit=256&state=Submitted&requested_device_type=qemu", "bob");
    EXPECT_EQ(queue.status, 200);
    EXPECT_EQ(*queue.json().find("count"), config::Value{2});
}

TEST_F(AccessTest, SecretsAreShownToTheirOwnerOnly) {
    const auto job = submit("s", "secrets: {key: hunter2}\n");
    for (const std::string rest : {"", "definition/", "?format=json"}) {
        EXPECT_THAT(lab.get(url(job, rest)).body, Not(HasSubstr("hunter2"))) << rest;
        EXPECT_THAT(lab.get(url(job, rest)).body, HasSubstr("[MASKED]")) << rest;
        EXPECT_THAT(lab.get(url(job, rest), "bob").body, Not(HasSubstr("hunter2"))) << rest;
        EXPECT_THAT(lab.get(url(job, rest), "alice").body, HasSubstr("hunter2")) << rest;
        EXPECT_THAT(lab.get(url(job, rest), "root").body, HasSubstr("hunter2")) << rest;
    }
    EXPECT_THAT(lab.get("/api/v0.2/jobs/").body, Not(HasSubstr("hunter2")));
}

TEST_F(AccessTest, AKeyWithEscapesHidesNoSecret) {
    const auto job = submit("s", "\"secr\\x65ts\": {key: hunter2}\n");
    EXPECT_THAT(lab.get(url(job)).body, Not(HasSubstr("hunter2")));
    EXPECT_THAT(lab.get(url(job), "alice").body, HasSubstr("hunter2"));
}

TEST_F(AccessTest, ASecretCannotBeFoundByAFilter) {
    submit("s", "secrets: {key: hunter2}\n");
    for (const std::string filter : {"definition__contains=hunter2", "original_definition__contains=hunter"}) {
        EXPECT_EQ(*lab.get("/api/v0.2/jobs/?" + filter).json().find("count"), config::Value{0}) << filter;
        EXPECT_EQ(*lab.get("/api/v0.2/jobs/?" + filter, "bob").json().find("count"), config::Value{0}) << filter;
        EXPECT_EQ(*lab.get("/api/v0.2/jobs/?" + filter, "alice").json().find("count"), config::Value{1}) << filter;
    }
}

TEST_F(AccessTest, SomebodyElsesResubmitTakesNoSecretsAlong) {
    const auto job = submit("s", "secrets: {key: hunter2}\n");
    const auto answer = lab.send("POST", url(job, "resubmit/"), lab.authorization("bob"));
    EXPECT_EQ(answer.status, 201) << answer.body;
    EXPECT_THAT(lab.get("/api/v0.2/jobs/2/", "bob").body, Not(HasSubstr("hunter2")));
    ASSERT_EQ(lab.send("POST", url(job, "resubmit/"), lab.authorization("alice")).status, 201);
    EXPECT_THAT(lab.get("/api/v0.2/jobs/3/", "alice").body, HasSubstr("hunter2"));
}

}  // namespace
}  // namespace patchbay
