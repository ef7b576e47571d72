// SPDX-License-Identifier: Apache-2.0
// Leases of people over HTTP, without a runner: who may ask for what, and what comes into the queue.
#include <gtest/gtest.h>

#include "daemon/store/sessions.hpp"
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class LeasesTest : public ApiTest {
protected:
    ApiAnswer acquire(const std::string& json, const std::string& who = "alice") {
        return lab.post("/api/v0.2/leases/", "application/json", json, who);
    }
    const std::string name = "qemu-01";
};

TEST_F(LeasesTest, WhatIsAskedForIsInTheQueue) {
    const auto made = acquire(R"({"device": ")" + name + R"(", "time": "90m", "note": "soldering", "priority": 60})");
    ASSERT_EQ(made.status, 201) << made.body;
    const auto lease = made.json();
    EXPECT_EQ(config::text_or_empty(lease.find("device")), name);
    EXPECT_EQ(config::text_or_empty(lease.find("state")), "Submitted");
    EXPECT_EQ(*lease.find("time")->as_int(), 5400);
    EXPECT_EQ(*lease.find("idle_release")->as_int(), 3600);
    EXPECT_TRUE(lease.find("ends")->is_null());
    const auto id = config::text_or_empty(lease.find("id"));
    const auto job = lab.get("/api/v0.2/jobs/" + id + "/").json();
    EXPECT_EQ(config::text_or_empty(job.find("submitter")), "alice");
    EXPECT_EQ(config::text_or_empty(job.find("description")), "lease: soldering");
    EXPECT_EQ(lab.get("/api/v0.2/leases/").json().find("count")->as_int()[0], 1);
    const auto row = lab.job(JobId{std::stoll(id)});
    EXPECT_EQ(row.requested_device, name);
    EXPECT_EQ(row.run_limit, std::chrono::minutes{90});
    EXPECT_EQ(row.priority, 60);
    EXPECT_EQ(lab.post("/api/v0.2/leases/" + id + "/power/", "application/json", R"({"action": "on"})", "alice").status,
              409)
        << "it has no device";
    EXPECT_EQ(lab.post("/api/v0.2/leases/" + id + "/extend/", "application/json", R"({"time": "1h"})", "alice").status,
              409)
        << "it has not begun";
    EXPECT_EQ(lab.post("/api/v0.2/leases/" + id + "/release/", "application/json", "{}", "alice").status, 200);
    EXPECT_EQ(lab.job(JobId{std::stoll(id)}).state, JobState::finished);
    EXPECT_EQ(lab.get("/api/v0.2/leases/").json().find("count")->as_int()[0], 0);
}

TEST_F(LeasesTest, WhatMakesNoSenseIsRefusedByItsField) {
    const std::pair<const char*, const char*> table[] = {
        {R"({})", R"({"device":["name a device, or a device_type"]})"},
        {R"({"device": "a", "device_type": "b"})", R"({"device":["name a device, or a device_type"]})"},
        {R"({"device": "nowhere"})", R"({"device":["there is no device 'nowhere'; patchbay devices lists them"]})"},
        {R"({"device": "a", "time": "long"})", R"({"time":["write a time like 90m or 2h"]})"},
        {R"({"device": "a", "time": "31d"})", R"({"time":["may be from 1s to 30d"]})"},
    };
    for (const auto& [body, answer] : table) {
        const auto refused = acquire(body);
        EXPECT_EQ(refused.status, 400) << body;
        EXPECT_EQ(refused.body, answer) << body;
    }
    EXPECT_EQ(acquire(R"({"device": ")" + name + R"(", "priority": 101})").status, 400);
    EXPECT_EQ(acquire(R"({"device": ")" + name + R"(", "visibility": "secret"})").status, 400);
    EXPECT_EQ(acquire(R"({"device": ")" + name + R"(", "note": ")" + std::string(201, 'x') + "\"}").status, 400);
    EXPECT_EQ(acquire(R"({"device": ")" + name + "\"}", "").status, 403);
}

}  // namespace
}  // namespace patchbay
