// SPDX-License-Identifier: Apache-2.0
// What a daemon makes of the leases that an earlier one left.
#include "daemon/schedule/decision.hpp"
#include "tests/daemon/supervise/lab_fixture.hpp"

namespace patchbay {
namespace {

using namespace testing;

/// Waits for a runner's end and takes its status, so that no daemon can ask for it.
bool has_ended(pid_t pid) {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED) == 0;
}

struct AdoptionTest : LabTest {
    /// As a daemon leaves a lease that was killed between the runner's start and writing its pid down.
    void forget_runner() {
        auto forget = [](Database& db) { db.change("UPDATE lease SET runner_pid = 0, runner_start = 0, folder = ''"); };
        lab.write(forget);
    }
};

TEST_F(AdoptionTest, ARestartedDaemonGoesOnWhereTheOldOneStopped) {
    const auto job = submit("running\nlog one\nresult t1\nwait-for go\nlog two\nresult t2\npass\n");
    until([&] { return cases(job).size() == 1; });
    const auto pid = runner_pid(job);
    for (int restart = 0; restart < 3; ++restart) {
        stop_daemon();
        EXPECT_EQ(::kill(pid, 0), 0) << "the runner is left running";
        lab.reopen();
        start_daemon();
    }
    EXPECT_EQ(job_row(job).state, JobState::running);
    make_file("go");
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::complete);
    EXPECT_EQ(lines(job), 5) << log_text(job);
    EXPECT_EQ(cases(job).size(), 3U);
    EXPECT_EQ(safe_runs(), 0);
}

TEST_F(AdoptionTest, ARunnerThatEndedWhileNoDaemonWasThereIsReadToItsEnd) {
    const auto job = submit("running\nlog one\nwait-for go\nlog two\npass\n");
    until([&] { return lines(job) == 1; });
    const auto pid = runner_pid(job);
    stop_daemon();
    make_file("go");
    ASSERT_TRUE(has_ended(pid)) << "nobody of the new daemon can ask how it ended";
    lab.reopen();
    start_daemon();
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::complete);
    EXPECT_EQ(lines(job), 3);
}

TEST_F(AdoptionTest, ARunnerThatWasKilledWhileNoDaemonWasThereEndsItsJob) {
    const auto job = submit("running\nlog one\nsync\nwait-for go\n");
    until([&] { return lines(job) == 1; });
    const auto pid = runner_pid(job);
    stop_daemon();
    ::kill(pid, SIGKILL);
    ASSERT_TRUE(has_ended(pid));
    start_daemon();
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::incomplete);
    EXPECT_EQ(safe_runs(), 1);
}

TEST_F(AdoptionTest, WhatAPowerCutOrARestoredStoreLeftOfTheFolderIsWrittenAgainForTheSafeState) {
    for (const auto* lost : {"device.yaml", "lease.json", "runner.yaml", ""}) {
        SCOPED_TRACE(lost);
        const auto before = safe_runs();
        const auto job = submit("running\nlog one\nsync\nwait-for never\n");
        until([&] { return lines(job) == 1; });
        const auto pid = runner_pid(job);
        const auto folder = settings.leases_dir() / std::to_string(Leases{lab.reader()}.open_lease_of(job)->id.value);
        stop_daemon();
        ::kill(pid, SIGKILL);
        ASSERT_TRUE(has_ended(pid));
        if (*lost) {
            std::filesystem::resize_file(folder / lost, 0);
        } else {
            std::filesystem::remove_all(folder);
        }
        start_daemon();
        until_finished(job);
        EXPECT_EQ(job_row(job).health, JobHealth::incomplete);
        EXPECT_EQ(device_row().health, DeviceHealth::unknown);
        EXPECT_EQ(safe_runs(), before + 1) << "at the first attempt";
    }
}

TEST_F(AdoptionTest, ARunnerWhosePidWasNotWrittenDownIsFoundAgain) {
    const auto job = submit("running\nlog one\nwait-for go\npass\n");
    until([&] { return lines(job) == 1; });
    stop_daemon();
    forget_runner();
    start_daemon();
    until([&] { return runner_pid(job) != 0; });  // the next daemon need not search
    make_file("go");
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::complete);
    EXPECT_EQ(lines(job), 2) << "one runner, one line, and the verdict";
}

TEST_F(AdoptionTest, ARunnerWhosePidWasNotWrittenDownHasTouchedItsDeviceAllTheSame) {
    for (const bool is_alive : {true, false}) {
        SCOPED_TRACE(is_alive);
        run(lab.io, daemon->scheduler.set_health("qemu-01", DeviceHealth::good, "test"));
        const auto go = is_alive ? "go" : "went";
        const auto job = submit(std::string{"running\nlog one\nwait-for "} + go + "\nfail Configuration no port\n");
        until([&] { return lines(job) == 1; });
        const auto pid = runner_pid(job);
        stop_daemon();
        forget_runner();
        if (!is_alive) {
            make_file(go);
            ASSERT_TRUE(has_ended(pid));
        }
        start_daemon();
        make_file(go);
        until_finished(job);
        EXPECT_EQ(device_row().health, DeviceHealth::unknown) << "not Bad: the next job may go well";
    }
}

TEST_F(AdoptionTest, ALeaseOfWhichOnlyTheStoreIsLeftEndsAlsoWhenItIsCanceled) {
    for (const bool canceled : {false, true}) {
        SCOPED_TRACE(canceled);
        const auto before = safe_runs();
        const auto job = submit("running\nlog one\nsync\nwait-for never\n");
        until([&] { return lines(job) == 1; });
        const auto pid = runner_pid(job);
        const auto folder = settings.leases_dir() / std::to_string(Leases{lab.reader()}.open_lease_of(job)->id.value);
        stop_daemon();
        ::kill(-pid, SIGKILL);
        std::filesystem::remove_all(folder);
        forget_runner();
        start_daemon();
        if (canceled) cancel(job);
        until_finished(job);
        EXPECT_EQ(job_row(job).health, canceled ? JobHealth::canceled : JobHealth::incomplete);
        EXPECT_EQ(safe_runs(), before + 1) << "it was running";
    }
}

TEST_F(AdoptionTest, AnotherProcessWithTheSamePidIsNotTakenForTheRunner) {
    const auto job = submit("running\nlog one\nsync\nwait-for never\n");
    until([&] { return lines(job) == 1; });
    const auto pid = runner_pid(job);
    stop_daemon();
    auto reuse = [](Database& db) { db.change("UPDATE lease SET runner_start = runner_start + 1"); };
    lab.write(reuse);
    start_daemon();
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::incomplete);
    ::kill(-pid, SIGKILL);
}

TEST_F(AdoptionTest, ALeaseWhoseRunnerWasNeverStartedIsStartedAfterARestart) {
    stop_daemon();
    auto job = a_job(alice);
    job.definition = "running\npass\n";
    const auto id = lab.add_job(job);
    auto claim = [id](Database& db) { lease_device(db, id, "qemu-01", wall_now()); };
    lab.write(claim);
    start_daemon();
    until_finished(id);
    EXPECT_EQ(job_row(id).health, JobHealth::complete);
}

}  // namespace
}  // namespace patchbay
