// SPDX-License-Identifier: Apache-2.0
// What health checks, and jobs where there are none, make of a device.
#include "daemon/store/health_checks.hpp"
#include "tests/daemon/supervise/lab_fixture.hpp"

namespace patchbay {
namespace {

using namespace testing;

class HealthTest : public LabTest {
protected:
    void SetUp() override {
        LabTest::SetUp();
        set_checks(Checks::enabled);
    }
    void set_check(const std::string& script) {
        auto check = a_check();
        check.job.definition = script;
        auto write = [check](Database& db) { HealthChecks{db}.configure({check}); };
        lab.write(std::move(write));
    }
    void set_health(DeviceHealth health) { run(lab.io, daemon->scheduler.set_health("qemu-01", health, "test")); }
    JobId last_job() {
        Query newest;
        newest.limit = 1;
        const auto jobs = Jobs{lab.reader()}.ids(newest, Viewer{{}, true});
        return jobs.empty() ? JobId{0} : jobs.front();
    }
    /// Sets the health and waits for the check that this brings.
    DeviceHealth health_after_check(DeviceHealth before) {
        const auto last = last_job();
        set_health(before);
        until([&] { return last_job() != last; });
        until_finished(last_job());
        return device_row().health;
    }
    std::string last_reason() { return Devices{lab.reader()}.health_history("qemu-01", 1)[0].reason.whole(); }
};

TEST_F(HealthTest, ACheckDecidesAboutADeviceInDoubt) {
    set_check("running\npass\n");
    EXPECT_EQ(health_after_check(DeviceHealth::unknown), DeviceHealth::good);
    EXPECT_EQ(last_reason(), "health check 1 was Complete");
    EXPECT_EQ(device_row().last_health_report_job, JobId{1});
    set_check("running\nfail Job no prompt\n");
    EXPECT_EQ(health_after_check(DeviceHealth::unknown), DeviceHealth::bad);
    EXPECT_EQ(last_reason(), "health check 2 failed: no prompt");
    EXPECT_EQ(device_row().last_health_report_job, JobId{2});
    set_check("running\nfail Infrastructure relay gone\n");
    EXPECT_EQ(health_after_check(DeviceHealth::unknown), DeviceHealth::bad)
        << "not Unknown: it would be checked for ever";
}

TEST_F(HealthTest, ACheckWhoseRunnerCrashesOrThatIsCanceledMakesTheDeviceBad) {
    set_check("running\npass\ndie 11\n");
    EXPECT_EQ(health_after_check(DeviceHealth::unknown), DeviceHealth::bad);
    set_check("running\nwait-for-cancel\n");
    set_health(DeviceHealth::unknown);
    until([&] { return last_job() == JobId{2} && job_row(JobId{2}).state == JobState::running; });
    cancel(JobId{2});
    until_finished(JobId{2});
    EXPECT_EQ(device_row().health, DeviceHealth::bad);
    EXPECT_EQ(last_reason(), "health check 2 was Canceled");
}

TEST_F(HealthTest, WhatAPersonSaysStaysWhateverTheCheckSays) {
    set_check("running\nsync\nwait-for go\npass\n");
    set_health(DeviceHealth::unknown);
    until([&] { return last_job() == JobId{1} && job_row(JobId{1}).state == JobState::running; });
    set_health(DeviceHealth::maintenance);
    make_file("go");
    until_finished(JobId{1});
    EXPECT_EQ(device_row().health, DeviceHealth::maintenance);
}

TEST_F(HealthTest, ALoopingDeviceStaysLooping) {
    set_check("running\nfail Job no prompt\n");
    EXPECT_EQ(health_after_check(DeviceHealth::looping), DeviceHealth::looping);
    EXPECT_EQ(device_row().last_health_report_job, JobId{1});
}

TEST_F(HealthTest, AfterAnErrorOfTheLabTheCheckRunsBeforeTheNextJob) {
    set_check("running\npass\n");
    ASSERT_EQ(health_after_check(DeviceHealth::unknown), DeviceHealth::good);
    const std::string unplugged = "FTDI A5XK, console of qemu-01, was unplugged; plug it in again";
    const auto broken = submit("running\nsync\nwait-for go\nfail Infrastructure " + unplugged + "\n");
    const auto next = submit("running\npass\n");
    make_file("go");
    until_finished(broken);
    until_finished(next);
    const auto check = last_job();
    EXPECT_TRUE(job_row(check).health_check);
    until_finished(check);
    const auto doubt = Devices{lab.reader()}.health_history("qemu-01").at(1);
    EXPECT_EQ(doubt.from, DeviceHealth::good);
    EXPECT_EQ(doubt.to, DeviceHealth::unknown);
    EXPECT_EQ(doubt.reason, (HealthReason{"job 2 ended with error Infrastructure", broken, unplugged}));
    EXPECT_LT(*job_row(check).end_time, *job_row(next).start_time) << "the device was in doubt";
    EXPECT_EQ(device_row().health, DeviceHealth::good);
}

TEST_F(HealthTest, ACompleteJobTakesNoDoubtAwayWhereACheckIsConfigured) {
    const auto job = submit("running\nsync\nwait-for go\npass\n");
    until_state(job, JobState::running);
    set_check("running\nsync\nwait-for checked\npass\n");
    set_health(DeviceHealth::unknown);
    make_file("go");
    until_finished(job);
    EXPECT_EQ(device_row().health, DeviceHealth::unknown);
    until([&] { return last_job() != job; });
    make_file("checked");
    until_finished(last_job());
    EXPECT_EQ(device_row().health, DeviceHealth::good);
}

TEST_F(HealthTest, ADeviceInMaintenanceEndsItsJobAndTakesNoOther) {
    const auto job = submit("running\nsync\nwait-for go\npass\n");
    const auto next = submit("running\npass\n");
    until_state(job, JobState::running);
    set_health(DeviceHealth::maintenance);
    EXPECT_EQ(device_row().current_job, job);
    make_file("go");
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::complete);
    EXPECT_EQ(device_row().health, DeviceHealth::maintenance);
    EXPECT_EQ(job_row(next).state, JobState::submitted);
    set_health(DeviceHealth::good);
    until_finished(next);
}

TEST_F(HealthTest, WhereNothingIsConfiguredTheLabLooksForItself) {
    set_health(DeviceHealth::unknown);
    until([&] { return last_job() == JobId{1}; });
    EXPECT_EQ(job_row(JobId{1}).description, "smoke check");
    until_finished(JobId{1});
    EXPECT_NE(device_row().health, DeviceHealth::unknown);
}

}  // namespace
}  // namespace patchbay
