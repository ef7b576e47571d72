// SPDX-License-Identifier: Apache-2.0
// Jobs one by one: the object through its life, and cancelling.
#include "daemon/store/old_jobs.hpp"
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class JobsTest : public ApiTest {
protected:
    std::string state_of(JobId job) {
        const auto json = lab.get(url(job)).json();
        return *json.find("state")->as_string() + "/" + *json.find("health")->as_string();
    }
    const std::string sent = R"({"message":"Job cancel signal sent."})";
};

TEST_F(JobsTest, TheObjectHasItsFieldsInLavasOrder) {
    const auto json = lab.get(url(submit())).json();
    Texts names;
    for (const auto& [name, value] : *json.as_map()) names.push_back(*name.as_string());
    EXPECT_EQ(names, (Texts{"id",
                            "submitter",
                            "viewing_groups",
                            "description",
                            "health_check",
                            "requested_device_type",
                            "tags",
                            "actual_device",
                            "submit_time",
                            "start_time",
                            "end_time",
                            "state",
                            "health",
                            "priority",
                            "definition",
                            "metadata",
                            "original_definition",
                            "multinode_definition",
                            "failure_tags",
                            "failure_comment"}));
}

TEST_F(JobsTest, TheObjectFollowsTheJob) {
    const auto job = submit();
    EXPECT_EQ(state_of(job), "Submitted/Unknown");
    lab.schedule(job, "qemu-01");
    EXPECT_EQ(state_of(job), "Scheduled/Unknown");
    EXPECT_EQ(*lab.get(url(job)).json().find("actual_device"), config::Value{"qemu-01"});
    EXPECT_EQ(*lab.get("/api/v0.2/devices/qemu-01/").json().find("state"), config::Value{"Reserved"});
    lab.start(job);
    EXPECT_EQ(state_of(job), "Running/Unknown");
    EXPECT_EQ(*lab.get("/api/v0.2/devices/qemu-01/").json().find("state"), config::Value{"Running"});
    EXPECT_EQ(*lab.get(url(job)).json().find("end_time"), config::Value{});
    lab.finish(job, JobHealth::incomplete);
    EXPECT_EQ(state_of(job), "Finished/Incomplete");
    const auto ended = *lab.get(url(job)).json().find("end_time")->as_string();
    EXPECT_THAT(ended, ::testing::MatchesRegex("....-..-..T..:..:..\\.......Z"));
    EXPECT_EQ(*lab.get("/api/v0.2/devices/qemu-01/").json().find("state"), config::Value{"Idle"});
}

TEST_F(JobsTest, TheDefinitionIsOneJsonString) {
    const auto job = submit();
    const auto answer = lab.get(url(job, "definition"));
    EXPECT_EQ(answer.json(), *lab.get(url(job)).json().find("definition"));
}

TEST_F(JobsTest, ALogThatWasRemovedIsA404ThatSaysWhyAndTheRestStays) {
    const auto job = a_finished_job();
    auto piece = [job](Database& db) { return OldJobs{db}.remove_log_piece(job, wall_now()); };
    EXPECT_FALSE(lab.lab.write(piece));
    const auto log = lab.get(url(job, "logs/"));
    EXPECT_EQ(log.status, 404);
    EXPECT_THAT(log.body, HasSubstr("this lab keeps logs for a limited time"));
    EXPECT_EQ(lab.get(url(job, "events/")).body,
              "event: state\ndata: {\"state\":\"Finished\",\"health\":\"Complete\"}\n\n");
    EXPECT_THAT(lab.get(url(job, "tests/")).body, HasSubstr("\"count\":5"));
    for (const std::string rest : {"", "csv/", "junit/", "tap13/", "yaml/"})
        EXPECT_EQ(lab.get(url(job, rest)).status, 200) << rest;
}

TEST_F(JobsTest, AJobThatWasRemovedIsNotFoundAndNotListed) {
    const auto job = a_finished_job();
    const auto next = submit();
    auto piece = [job](Database& db) { return OldJobs{db}.remove_piece(job); };
    EXPECT_FALSE(lab.lab.write(piece));
    for (const std::string rest : {"", "logs/", "events/", "tests/", "suites/", "junit/"})
        EXPECT_EQ(lab.get(url(job, rest)).status, 404) << rest;
    const auto list = lab.get("/api/v0.2/jobs/").json();
    EXPECT_EQ(*list.find("count")->as_int(), 1);
    ASSERT_EQ(list.find("results")->as_list()->size(), 1U);
    EXPECT_EQ(*list.find("results")->as_list()->front().find("id")->as_int(), next.value);
}

TEST_F(JobsTest, AQueuedJobIsCanceledAtOnce) {
    const auto job = submit();
    EXPECT_EQ(lab.get(url(job, "cancel/"), "alice").body, sent);
    EXPECT_EQ(state_of(job), "Finished/Canceled");
    const auto json = lab.get(url(job)).json();
    EXPECT_EQ(*json.find("start_time"), *json.find("end_time"));
}

TEST_F(JobsTest, ARunningJobIsToldByGetOrPost) {
    for (const std::string method : {"GET", "POST"}) {
        const auto job = submit();
        lab.schedule(job, "qemu-01");
        lab.start(job);
        EXPECT_EQ(lab.send(method, url(job, "cancel/"), lab.authorization("alice")).body, sent);
        EXPECT_EQ(state_of(job), "Canceling/Unknown");
        EXPECT_EQ(lab.job(job).cancel_reason, "Canceled by alice");
        EXPECT_EQ(lab.send(method, url(job, "cancel/"), lab.authorization("alice")).body, sent) << "once more";
        lab.finish(job, JobHealth::complete);
        EXPECT_EQ(state_of(job), "Finished/Canceled") << "whatever it said at its end";
    }
}

TEST_F(JobsTest, OnlyTheSubmitterAndSuperusersCancel) {
    const auto job = submit();
    for (const std::string who : {"", "bob"}) {
        const auto answer = lab.get(url(job, "cancel/"), who);
        EXPECT_EQ(answer.status, 403);
        EXPECT_EQ(answer.body, R"({"detail":"You do not have permission to perform this action."})");
    }
    EXPECT_EQ(state_of(job), "Submitted/Unknown");
    EXPECT_EQ(lab.get(url(job, "cancel/"), "root").status, 200);
    EXPECT_EQ(state_of(job), "Finished/Canceled");
    EXPECT_EQ(lab.get(url(job, "cancel/"), "bob").body, sent) << "a job that is over is answered alike to all users";
    EXPECT_EQ(lab.get("/api/v0.2/jobs/99/cancel/", "root").status, 404);
}

}  // namespace
}  // namespace patchbay
