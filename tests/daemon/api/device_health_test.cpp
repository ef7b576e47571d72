// SPDX-License-Identifier: Apache-2.0
// Why a device's health is what it is, for those who may read it.
#include "tests/daemon/api/smoke_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;

class DeviceHealthTest : public ApiTest {
protected:
    const std::string devices = "/api/v0.2/devices/", one = devices + "qemu-01/", history = one + "health/";
    const std::string unplugged = "device qemu-01: console: FTDI A5XK was unplugged; plug it in again";

    /// A job of alice's that made qemu-01 doubtful.
    JobId a_failed_job(const std::string& more = {}) {
        const auto job = submit("smoke", more);
        lab.schedule(job, "qemu-01");
        lab.start(job);
        lab.finish(job, JobHealth::incomplete);
        auto doubt = [job, said = unplugged](Database& db) {
            const HealthReason reason{"job 1 ended with error Infrastructure", job, said};
            Devices{db}.judge("qemu-01", DeviceHealth::unknown, reason, WallTime{3s});
        };
        lab.lab.write(std::move(doubt));
        return job;
    }
    std::string reason_for(const std::string& who) {
        return config::python_str(*lab.get(one + "?health_reason=1", who).json().find("health_reason"));
    }
};

TEST_F(DeviceHealthTest, TheReasonIsShownToWhoAsksForIt) {
    a_failed_job();
    const auto asked = lab.get(one + "?health_reason=1").body;
    EXPECT_THAT(asked,
                HasSubstr(R"("health_since":"1970-01-01T00:00:03.000000Z","health_reason":"job 1 ended with error )"
                          R"(Infrastructure: )" +
                          unplugged + R"(","health_job":1})"));
    EXPECT_THAT(lab.get(one).body, Not(HasSubstr("health_reason"))) << "as LAVA shows it";
    const auto list = lab.get(devices + "?health_reason=1");
    EXPECT_EQ(column(list, "health_reason").at(1), "job 1 ended with error Infrastructure: " + unplugged) << list.body;
    EXPECT_EQ(column(list, "health_reason").at(2), "None") << "it was never another";
}

TEST_F(DeviceHealthTest, TheHistoryHasAllChangesTheNewestFirst) {
    EXPECT_EQ(lab.get(history).body, R"({"count":0,"results":[]})");
    a_failed_job();
    lab.post(one + "set_health/", "application/json", R"({"health": "good", "reason": "mended"})", "root");
    const auto answer = lab.get(history);
    EXPECT_EQ(column(answer, "reason"),
              (Texts{"mended (root)", "job 1 ended with error Infrastructure: " + unplugged}));
    EXPECT_EQ(column(answer, "was"), (Texts{"Unknown", "Good"}));
    EXPECT_EQ(column(answer, "health"), (Texts{"Good", "Unknown"}));
    EXPECT_EQ(column(answer, "job"), (Texts{"None", "1"}));
    EXPECT_EQ(column(answer, "time").at(1), "1970-01-01T00:00:03.000000Z");
    EXPECT_EQ(lab.get(devices + "nope/health/").status, 404);
}

TEST_F(DeviceHealthTest, WhatAPrivateJobSaidIsForThoseWhoMaySeeTheJob) {
    a_failed_job("visibility: personal\n");
    for (const auto* who : {"", "bob"}) {
        EXPECT_EQ(reason_for(who), "job 1 ended with error Infrastructure") << who;
        EXPECT_THAT(lab.get(history, who).body, Not(HasSubstr("FTDI"))) << who;
        EXPECT_THAT(lab.get(devices + "?health_reason=1", who).body, Not(HasSubstr("FTDI"))) << who;
    }
    for (const auto* who : {"alice", "root"}) {
        EXPECT_EQ(reason_for(who), "job 1 ended with error Infrastructure: " + unplugged) << who;
        EXPECT_THAT(lab.get(history, who).body, HasSubstr("FTDI")) << who;
    }
}

TEST_F(DeviceHealthTest, OfADeletedJobNothingIsLeftButItsNumber) {
    const auto job = a_failed_job();
    EXPECT_EQ(lab.send("DELETE", url(job), lab.authorization("root")).status, 204);
    EXPECT_EQ(reason_for("root"), "job 1 ended with error Infrastructure");
}

TEST_F(DeviceHealthTest, ADeviceThatIsHiddenHasNoHistory) {
    grant(lab.lab, Restrictable::device, "qemu-01", Permission::view, add_group(lab.lab, "owners"));
    EXPECT_EQ(lab.get(history, "bob").status, 404);
    EXPECT_EQ(lab.get(history, "root").status, 200);
}

}  // namespace
}  // namespace patchbay
