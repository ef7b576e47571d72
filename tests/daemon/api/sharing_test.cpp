// SPDX-License-Identifier: Apache-2.0
// Rules of sharing as a client meets them.
#include "daemon/sharing/rules.hpp"
#include "tests/daemon/api/smoke_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;

class SharingApiTest : public ApiTest {
protected:
    const std::string jobs = "/api/v0.2/jobs/";
    /// Keys of alice's rule.
    void limit(const std::string& keys) {
        lab.services().scheduler.set_sharing(parse_sharing_rules(
            "timezone: Etc/UTC\nrules:\n- name: guests\n  users: [alice]\n" + keys, "sharing.yaml"));
    }
};

TEST_F(SharingApiTest, AJobThatARuleRefusesIsA400WithAMessage) {
    limit("  max_queued: 1\n");
    submit();
    const auto answer = lab.post_definition(jobs, definition(), "alice");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, R"({"message":"the users of this rule have 1 jobs in the queue, and max_queued of rule )"
                           R"('guests' allows 1; submit again when some have begun"})");
    EXPECT_EQ(lab.post_definition(jobs, definition(), "bob").status, 201) << "nothing is said of bob";
    EXPECT_EQ(*lab.get(jobs + "?state=Submitted&requested_device_type=qemu").json().find("count"), config::Value{2});
}

TEST_F(SharingApiTest, TheTimeOfAJobIsThatOfItsDefinition) {
    limit("  max_job_time: 10m\n");
    const auto job = [&](const std::string& time) {
        return lab.post_definition(
            jobs, "{job_name: j, device_type: qemu, visibility: public, timeouts: {job: {" + time + "}}, actions: []}",
            "alice");
    };
    EXPECT_EQ(job("minutes: 10").status, 201);
    EXPECT_EQ(lab.job(JobId{1}).run_limit, 10min);
    const auto answer = job("minutes: 11");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, R"({"message":"timeouts.job is 11min, and max_job_time of rule 'guests' allows 10min; )"
                           R"(give it a shorter one"})");
}

TEST_F(SharingApiTest, ALoweredPriorityIsSeenBesideTheOneThatWasAskedFor) {
    limit("  max_priority: 40\n");
    const auto job = submit("kernel", "priority: 80\n");
    const auto json = lab.get(url(job), "alice").json();
    EXPECT_EQ(*json.find("priority"), config::Value{40});
    EXPECT_THAT(*json.find("definition")->as_string(), HasSubstr("priority: 80"));
    const auto again = lab.post(url(job, "resubmit/"), "application/json", "{}", "alice").json();
    EXPECT_EQ(lab.job(JobId{*again.find("job_ids")->as_list()->front().as_int()}).priority, 40);
}

TEST_F(SharingApiTest, AJobSaysWhyItWaits) {
    limit("  max_running: 1\n  queue_timeout: 6h\n");
    const auto first = submit();
    const auto waiting = submit();
    lab.schedule(first, "qemu-01");
    const auto json = lab.get(url(waiting, "why/")).json();
    EXPECT_EQ(*json.find("waiting"), config::Value{true});
    EXPECT_EQ(*json.find("rule"), config::Value{"guests"});
    EXPECT_FALSE(json.find("leaves_queue")->is_null());
    EXPECT_EQ(*json.find("always")->find("reason"), config::Value{"max_running"});
    const auto& devices = *json.find("devices")->as_list();
    ASSERT_EQ(devices.size(), 2U);
    EXPECT_EQ(*devices[0].find("reason"), config::Value{"busy"});
    EXPECT_EQ(*devices[0].find("job"), config::Value{first.value});
    EXPECT_EQ(*devices[1].find("reason"), config::Value{"max_running"});

    const auto runs = lab.get(url(first, "why/")).json();
    EXPECT_EQ(*runs.find("waiting"), config::Value{false});
    EXPECT_EQ(*runs.find("actual_device"), config::Value{"qemu-01"});
    EXPECT_EQ(lab.get("/api/v0.2/jobs/99/why/").status, 404);
    const auto mine = submit("secret", "", "bob");
    EXPECT_EQ(lab.get(url(mine, "why/")).json().find("rule")->is_null(), true);
}

TEST_F(SharingApiTest, ADeviceIsReservedExtendedAndReleased) {
    const std::string url = "/api/v0.2/devices/qemu-01/";
    const auto reserve = [&](const std::string& fields, const std::string& who) {
        return lab.post(url + "reserve/", "application/json", fields, who);
    };
    const auto made = reserve(R"({"for": "2h", "reason": "soldering"})", "alice");
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(*made.json().find("user"), config::Value{"alice"});
    EXPECT_EQ(*made.json().find("idle_release"), config::Value{3600});
    EXPECT_EQ(reserve(R"({"for": "3h", "idle_release": "0s"})", "alice").status, 201);
    const auto refused = reserve(R"({"for": "1h"})", "bob");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.body, R"({"detail":"Device 'qemu-01' is reserved for alice."})");
    const auto list = lab.get("/api/v0.2/reservations/").json();
    EXPECT_EQ(*list.find("count"), config::Value{1});
    EXPECT_TRUE(list.find("results")->as_list()->at(0).find("idle_release")->is_null());
    EXPECT_EQ(lab.post(url + "release/", "application/json", "{}", "bob").status, 403);
    EXPECT_EQ(lab.post(url + "release/", "application/json", "{}", "alice").status, 200);
    EXPECT_EQ(*lab.get("/api/v0.2/reservations/").json().find("count"), config::Value{0});

    EXPECT_EQ(reserve(R"({"for": "soon"})", "alice").body, R"({"for":["write a time like 90m or 2h"]})");
    EXPECT_EQ(reserve("{}", "alice").body, R"({"for":["say for how long, like 2h"]})");
    EXPECT_EQ(reserve(R"({"for": "31d"})", "alice").body, R"({"for":["may be 720h at most"]})");
    EXPECT_EQ(reserve(R"({"for": "1h"})", "").status, 403);
    EXPECT_EQ(lab.post("/api/v0.2/devices/nobody/reserve/", "application/json", "{}", "alice").status, 404);
}

TEST_F(SharingApiTest, WhomARuleNamesReservesAsLongAsItSays) {
    const auto reserve = [&](const std::string& time) {
        return lab.post("/api/v0.2/devices/qemu-01/reserve/", "application/json", R"({"for": ")" + time + R"("})",
                        "alice");
    };
    limit("  max_running: 1\n");
    EXPECT_EQ(reserve("1m").body, R"({"for":["rule 'guests' of this lab lets you reserve nothing"]})");
    limit("  max_reservation: 4h\n");
    EXPECT_EQ(reserve("4h").status, 201);
    EXPECT_EQ(reserve("5h").body, R"({"for":["may be 4h at most"]})");
}

TEST_F(SharingApiTest, ADeviceIsReservedByWhomItIsFor) {
    const auto reserve = [&](const std::string& who) {
        return lab.post("/api/v0.2/devices/qemu-01/reserve/", "application/json", R"({"for": "1h"})", who).status;
    };
    const auto grant = [&](Permission permission) {
        const auto bob = Users{lab.lab.reader()}.find("bob")->id;
        testing::grant(lab.lab, Restrictable::device, "qemu-01", permission, add_group(lab.lab, "owners", {bob}));
    };
    grant(Permission::submit);
    EXPECT_EQ(reserve("alice"), 403) << "none of her jobs could run there";
    EXPECT_EQ(reserve("bob"), 201);
    EXPECT_EQ(*lab.get("/api/v0.2/reservations/", "alice").json().find("count"), config::Value{1});
    grant(Permission::view);
    EXPECT_EQ(reserve("alice"), 404);
    EXPECT_EQ(*lab.get("/api/v0.2/reservations/", "alice").json().find("count"), config::Value{0});
    EXPECT_EQ(*lab.get("/api/v0.2/reservations/", "bob").json().find("count"), config::Value{1});
}

TEST_F(SharingApiTest, AttemptsAreListed) {
    const auto job = a_finished_job();
    const auto list = lab.get(url(job, "attempts/")).json();
    EXPECT_EQ(*list.find("count"), config::Value{1});
    const auto& attempt = list.find("results")->as_list()->at(0);
    EXPECT_EQ(*attempt.find("device"), config::Value{"qemu-01"});
    EXPECT_TRUE(attempt.find("stopped")->is_null());
    EXPECT_TRUE(attempt.find("results")->as_list()->empty()) << "they are the job's";
}

}  // namespace
}  // namespace patchbay
