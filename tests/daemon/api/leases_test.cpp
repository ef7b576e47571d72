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

TEST_F(LeasesTest, WordsForTheBoardAndPlacesOfImagesHaveLimits) {
    const auto id = config::text_or_empty(acquire(R"({"device": ")" + name + "\"}").json().find("id"));
    const auto post = [&](const std::string& what, const std::string& body) {
        return lab.post("/api/v0.2/leases/" + id + "/" + what, "application/json", body, "alice");
    };
    const auto with = [](const std::string& more, const std::string& key, std::size_t size) {
        return "{" + more + "\"" + key + "\": \"" + std::string(size, 'x') + "\"}";
    };
    const std::tuple<const char*, const char*, const char*> words[] = {{"power/", "", "action"},
                                                                       {"speed/", "", "speed"},
                                                                       {"line/", R"("action": "on", )", "name"},
                                                                       {"line/", R"("name": "a", )", "action"},
                                                                       {"storage/", R"("side": "host", )", "name"},
                                                                       {"storage/", "", "side"}};
    for (const auto& [path, more, key] : words) {
        EXPECT_EQ(post(path, with(more, key, 200)).status, 409) << path << key << ": it has no device";
        const auto refused = post(path, with(more, key, 201));
        EXPECT_EQ(refused.status, 400) << path << key;
        EXPECT_EQ(refused.body,
                  "{\"" + std::string{key} + R"(":["Ensure this field has no more than 200 characters."]})");
    }
    EXPECT_EQ(post("storage/", R"({"write": "image"})").status, 409);
    EXPECT_EQ(post("storage/", R"({"write": "../lease.json"})").status, 400);
    lab.settings.unpack_limit = 100;
    EXPECT_EQ(post("upload/?offset=98", "{}").status, 409);
    for (const auto* place : {"?offset=99", "?offset=9223372036854775807", "?offset=-1", "?offset=1x", "?name=second"})
        EXPECT_EQ(post(std::string{"upload/"} + place, "{}").status, 400) << place;
}

/// A lease that has begun, without a runner.
TEST_F(LeasesTest, IsExtendedByWhatItHasThen) {
    const JobId id{*acquire(R"({"device": ")" + name + R"(", "time": "2h"})").json().find("id")->as_int()};
    lab.schedule(id, name);
    lab.start(id);
    auto begin = [id, when = wall_now()](Database& db) { Sessions{db}.begin(id, when); };
    lab.lab.write(std::move(begin));
    const auto url = "/api/v0.2/leases/" + std::to_string(id.value) + "/extend/";
    const auto extend = [&](const std::string& time) {
        return lab.post(url, "application/json", "{\"time\": \"" + time + "\"}", "alice");
    };
    EXPECT_EQ(extend("1h").status, 200);
    const auto longer = extend("30m");
    EXPECT_EQ(longer.status, 200) << longer.body;
    EXPECT_EQ(*longer.json().find("time")->as_int(), 3 * 3600 + 1800);
    EXPECT_EQ(extend("30d").status, 400);
    EXPECT_EQ(extend("31d").status, 400);
    EXPECT_EQ(extend("9223372036854775h").status, 400);
    auto pass = [id](Database& db) { db.change("UPDATE session SET ends = $1 WHERE job = $2", wall_now(), id); };
    lab.lab.write(std::move(pass));
    const auto late = extend("1h");
    EXPECT_EQ(late.status, 409) << late.body;
    EXPECT_EQ(late.body, R"({"detail":"The lease is over."})");
}

}  // namespace
}  // namespace patchbay
