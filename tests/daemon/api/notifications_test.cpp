// SPDX-License-Identifier: Apache-2.0
// What became of a job's callbacks and mails, and sending them again.
#include "daemon/store/outbox.hpp"
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class NotificationsTest : public ApiTest {
protected:
    JobId job = submit("smoke", "visibility: personal\n");

    NotificationId add(int position) {
        NewNotification made;
        made.job = job;
        made.position = position;
        made.address = "http://receiver.example/" + std::to_string(position);
        made.receiver = "http://receiver.example";
        made.job_state = JobState::finished;
        made.job_health = JobHealth::complete;
        auto insert = [made](Database& db) { return Outbox{db}.add(made, WallTime{1s}); };
        return lab.lab.write(insert);
    }
    void record(NotificationId id, NotificationPhase phase, std::int64_t status, const std::string& problem) {
        auto write = [=](Database& db) { Outbox{db}.record(id, {phase, status, problem, WallTime{2s}, WallTime{7s}}); };
        lab.lab.write(std::move(write));
    }
    std::string body(const std::string& who) { return lab.get(url(job, "notifications/"), who).body; }
};

TEST_F(NotificationsTest, EachIsShownWithItsStateAndWhatWentWrong) {
    EXPECT_EQ(body("alice"), R"({"count":0,"results":[]})");
    add(0);
    record(add(1), NotificationPhase::waiting, 503, "the receiver answered 503");
    record(add(2), NotificationPhase::sent, 202, "");
    const auto json = lab.get(url(job, "notifications/"), "alice").json();
    EXPECT_EQ(*json.find("count"), config::Value{3});
    const auto expected = config::parse_json(R"([
        {"id": 1, "kind": "callback", "address": "http://receiver.example/0", "job_state": "Finished",
         "job_health": "Complete", "state": "waiting", "created": "1970-01-01T00:00:01.000000Z", "attempts": 0,
         "last_attempt": null, "next_attempt": "1970-01-01T00:00:01.000000Z", "status": null, "problem": ""},
        {"id": 2, "kind": "callback", "address": "http://receiver.example/1", "job_state": "Finished",
         "job_health": "Complete", "state": "waiting", "created": "1970-01-01T00:00:01.000000Z", "attempts": 1,
         "last_attempt": "1970-01-01T00:00:02.000000Z", "next_attempt": "1970-01-01T00:00:07.000000Z", "status": 503,
         "problem": "the receiver answered 503"},
        {"id": 3, "kind": "callback", "address": "http://receiver.example/2", "job_state": "Finished",
         "job_health": "Complete", "state": "sent", "created": "1970-01-01T00:00:01.000000Z", "attempts": 1,
         "last_attempt": "1970-01-01T00:00:02.000000Z", "next_attempt": null, "status": 202, "problem": ""}])");
    EXPECT_EQ(*json.find("results"), expected);
}

TEST_F(NotificationsTest, OnlyWhoSeesTheJobSeesThem) {
    for (const char* who : {"", "bob"}) EXPECT_EQ(lab.get(url(job, "notifications/"), who).status, 404);
    EXPECT_EQ(lab.get(url(job, "notifications/"), "root").status, 200);
}

TEST_F(NotificationsTest, SubmitterAndSuperusersSendAgainWhatWasGivenUp) {
    const auto id = add(0);
    record(id, NotificationPhase::given_up, 404, "the receiver answered 404");
    const auto retry = [&](const std::string& who) { return lab.post(url(job, "notifications/retry/"), "", "", who); };
    EXPECT_EQ(retry("").status, 403);
    EXPECT_EQ(retry("bob").status, 404);
    EXPECT_EQ(retry("alice").body, R"({"message":"1 notification(s) will be sent again."})");
    EXPECT_EQ(Outbox{lab.lab.reader()}.find(id)->phase, NotificationPhase::waiting);
    EXPECT_EQ(retry("root").body, R"({"message":"0 notification(s) will be sent again."})");
    record(id, NotificationPhase::given_up, 404, "the receiver answered 404");
    EXPECT_EQ(retry("root").body, R"({"message":"1 notification(s) will be sent again."})");
    const auto audit = lab.get("/api/v0.2/audit/?action=notification.retry", "root");
    EXPECT_EQ(column(audit, "who"), (Texts{"root", "alice"})) << "who sent nothing again has done nothing";
    EXPECT_EQ(column(audit, "object"), (Texts{"1", "1"}));
    EXPECT_EQ(column(audit, "detail"), (Texts{"1 of the job", "1 of the job"}));
    const auto open = submit();
    EXPECT_EQ(lab.post(url(open, "notifications/retry/"), "", "", "bob").status, 403) << "seen by all, not theirs";
}

}  // namespace
}  // namespace patchbay
