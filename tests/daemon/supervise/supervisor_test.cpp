// SPDX-License-Identifier: Apache-2.0
#include "jobs/journal/journal.hpp"
#include "tests/daemon/supervise/lab_fixture.hpp"

namespace patchbay {
namespace {

using namespace testing;
using SupervisorTest = LabTest;

TEST_F(SupervisorTest, AJobRunsAndItsDeviceComesBack) {
    const auto job = submit("running\nlog hello\nresult t1\npass\n");
    until_finished(job);
    const auto row = job_row(job);
    EXPECT_EQ(row.health, JobHealth::complete);
    EXPECT_TRUE(row.start_time);
    EXPECT_TRUE(row.end_time);
    EXPECT_EQ(row.actual_device, "qemu-01");
    EXPECT_EQ(lines(job), 3) << "with the verdict, which the runner left to us";
    EXPECT_NE(log_text(job).find("\"hello\""), std::string::npos);
    ASSERT_EQ(cases(job).size(), 2U);
    EXPECT_EQ(cases(job)[0].suite_name, "0_smoke");
    EXPECT_EQ(device_row().state, DeviceState::idle);
    EXPECT_EQ(device_row().health, DeviceHealth::good);
    EXPECT_EQ(device_row().current_job, std::nullopt);
    EXPECT_EQ(safe_runs(), 0) << "the runner did that itself";
    const auto attempts = Leases{lab.reader()}.attempts(job);
    ASSERT_EQ(attempts.size(), 1U) << "the attempt stays";
    EXPECT_EQ(attempts[0].phase, LeaseRow::Phase::closed);
}

TEST_F(SupervisorTest, TheNextJobStartsWhenTheDeviceIsBack) {
    std::vector<JobId> jobs;
    for (int i = 0; i < 3; ++i) jobs.push_back(submit("running\nlog x\npass\n"));
    for (const auto job : jobs) until_finished(job);
    const auto fence = [&](JobId job) { return Leases{lab.reader()}.attempts(job).front().fence.value; };
    EXPECT_LT(fence(jobs[0]), fence(jobs[1]));
    EXPECT_LT(fence(jobs[1]), fence(jobs[2]));
}

TEST_F(SupervisorTest, AFailureOfTheTestLeavesTheDeviceGood) {
    const auto job = submit("running\nfail Test the test broke\n");
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::incomplete);
    EXPECT_EQ(device_row().health, DeviceHealth::good);
}

TEST_F(SupervisorTest, AFailureOfTheLabMakesTheDeviceUnknown) {
    for (const auto* type : {"Infrastructure", "Configuration", "Bug"}) {
        run(lab.io, daemon->scheduler.set_health("qemu-01", DeviceHealth::good, "test"));
        const auto job = submit(std::string{"running\nfail "} + type + " relay gone\n");
        until_finished(job);
        EXPECT_EQ(job_row(job).health, JobHealth::incomplete);
        EXPECT_EQ(device_row().health, DeviceHealth::unknown) << type;
    }
}

TEST_F(SupervisorTest, OnlyACompleteJobTakesTheDoubtFromItsDevice) {
    const auto health_after = [&](std::string script) {
        const auto job = submit(std::move(script));
        until_finished(job);
        return device_row().health;
    };
    EXPECT_EQ(health_after("running\nfail Infrastructure relay gone\n"), DeviceHealth::unknown);
    EXPECT_EQ(health_after("running\nfail Test the test broke\n"), DeviceHealth::unknown);
    EXPECT_EQ(health_after("running\npass\ndie 11\n"), DeviceHealth::unknown) << "it did not leave its device safe";
    const auto canceled = submit("running\nwait-for go\npass\n");
    until_state(canceled, JobState::running);
    cancel(canceled);
    make_file("go");
    until_finished(canceled);
    EXPECT_EQ(device_row().health, DeviceHealth::unknown);
    EXPECT_EQ(health_after("running\npass\n"), DeviceHealth::good);
    const auto change = Devices{lab.reader()}.health_history("qemu-01").at(0);
    EXPECT_EQ(change.from, DeviceHealth::unknown);
    EXPECT_EQ(change.reason.whole(), "job 5 was Complete");
    const auto changes = Devices{lab.reader()}.health_history("qemu-01").size();
    EXPECT_EQ(health_after("running\npass\n"), DeviceHealth::good);
    EXPECT_EQ(Devices{lab.reader()}.health_history("qemu-01").size(), changes) << "nothing to say";
}

TEST_F(SupervisorTest, ACompleteJobLeavesAHealthThatAPersonSet) {
    for (const auto health : {DeviceHealth::bad, DeviceHealth::maintenance}) {
        const auto go = "go-" + std::to_string(static_cast<int>(health));
        const auto job = submit("running\nwait-for " + go + "\npass\n");
        until_state(job, JobState::running);
        run(lab.io, daemon->scheduler.set_health("qemu-01", health, "by hand"));
        make_file(go);
        until_finished(job);
        EXPECT_EQ(device_row().health, health);
        run(lab.io, daemon->scheduler.set_health("qemu-01", DeviceHealth::good, "test"));
    }
}

TEST_F(SupervisorTest, ARunnerThatIsKilledEndsItsJobAndTheTargetIsMadeSafe) {
    const auto job = submit("running\nlog before\nsync\nwait-for never\n");
    until([&] { return lines(job) == 1; });
    ::kill(runner_pid(job), SIGKILL);
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::incomplete);
    EXPECT_EQ(safe_runs(), 1);
    EXPECT_EQ(device_row().state, DeviceState::idle);
    EXPECT_EQ(device_row().health, DeviceHealth::unknown);
    const auto verdict = Results{lab.reader()}.job_verdict(job);
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->result, CaseResult::fail);
    EXPECT_NE(verdict->metadata.find("error_type: Infrastructure"), std::string::npos) << verdict->metadata;
    EXPECT_NE(log_text(job).find("ended unexpectedly: killed by signal 9"), std::string::npos) << log_text(job);
    EXPECT_TRUE(std::filesystem::exists(settings.state_dir / "crashes" / "lease-1.log")) << "for the lab's owner";
    const auto next = submit("running\npass\n");
    until_finished(next);
    EXPECT_EQ(job_row(next).health, JobHealth::complete);
}

TEST_F(SupervisorTest, ARunnerThatEndsWithoutAWordIsAnInfrastructureError) {
    const auto job = submit("exit 5\n");
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::incomplete);
    EXPECT_TRUE(job_row(job).start_time) << "set at the end when it never ran";
    EXPECT_NE(log_text(job).find("exited with code 5"), std::string::npos);
}

TEST_F(SupervisorTest, ATornRecordAtTheEndIsDropped) {
    const auto job = submit("running\nlog whole\ntorn\ndie 9\n");
    until_finished(job);
    EXPECT_NE(log_text(job).find("whole"), std::string::npos);
    EXPECT_EQ(log_text(job).find("never"), std::string::npos);
    EXPECT_EQ(job_row(job).health, JobHealth::incomplete);
}

TEST_F(SupervisorTest, AnOutcomeBeforeACrashCountsAndTheTargetIsMadeSafe) {
    const auto job = submit("running\nlog x\npass\ndie 11\n");
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::complete);
    EXPECT_EQ(safe_runs(), 1);
}

TEST_F(SupervisorTest, AVerdictWithoutAnOutcomeIsTheOnlyOne) {
    const auto good = submit("running\nverdict pass\ndie 9\n");
    until_finished(good);
    EXPECT_EQ(job_row(good).health, JobHealth::complete);
    EXPECT_EQ(cases(good).size(), 1U);
    const auto bad = submit("running\nverdict Test it broke\ndie 9\n");
    until_finished(bad);
    EXPECT_EQ(job_row(bad).health, JobHealth::incomplete);
    EXPECT_EQ(cases(bad).size(), 1U);
    EXPECT_NE(cases(bad)[0].metadata.find("error_type: Test"), std::string::npos) << cases(bad)[0].metadata;
    EXPECT_EQ(safe_runs(), 2);
    EXPECT_EQ(device_row().health, DeviceHealth::good) << "the test broke, not the lab";
}

TEST_F(SupervisorTest, ADeviceThatCannotBeMadeSafeIsBadAndGoesToNobody) {
    const std::string no_relay = "device qemu-01: power: relay board LAB01 is not there; plug it in again";
    std::ofstream{settings.state_dir / "unsafe"} << no_relay;
    const auto job = submit("running\ndie 9\n");
    const auto waiting = submit("running\npass\n");
    until([&] { return safe_runs() >= 2; });
    EXPECT_EQ(device_row().health, DeviceHealth::bad);
    EXPECT_NE(device_row().state, DeviceState::idle);
    EXPECT_EQ(job_row(job).state, JobState::running);
    EXPECT_EQ(job_row(waiting).state, JobState::submitted);
    EXPECT_EQ(Devices{lab.reader()}.health_history("qemu-01").at(0).reason,
              (HealthReason{"cannot be brought to its safe state after job 1", job, no_relay}));
    std::filesystem::remove(settings.state_dir / "unsafe");
    until_finished(job);
    EXPECT_EQ(device_row().health, DeviceHealth::unknown);
    until_finished(waiting);
    EXPECT_EQ(job_row(waiting).health, JobHealth::complete);
}

TEST_F(SupervisorTest, WhatWasWrongWithADeviceIsToldWhenItIsSafeAgain) {
    const std::string no_relay = "device qemu-01: power: relay board LAB01 is not there; plug it in again";
    std::ofstream{settings.state_dir / "unsafe"} << no_relay;
    const auto job = submit("running\npass-unsafe\n");
    until([&] { return device_row().health == DeviceHealth::bad; });
    std::filesystem::remove(settings.state_dir / "unsafe");
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::complete);
    const auto history = Devices{lab.reader()}.health_history("qemu-01");
    ASSERT_EQ(history.size(), 2U);
    EXPECT_EQ(history[0].to, DeviceHealth::unknown);
    EXPECT_EQ(history[0].reason.whole(), "was brought to its safe state after job 1, at first in vain: " + no_relay);
    EXPECT_EQ(history[1].reason.whole(), "cannot be brought to its safe state after job 1: " + no_relay);
}

TEST_F(SupervisorTest, ARunnerThatDoesNotSayWhyADeviceIsUnsafeIsNamedByItsEnd) {
    std::ofstream{settings.state_dir / "unsafe"};
    const auto job = submit("running\ndie 9\n");
    until([&] { return device_row().health == DeviceHealth::bad; });
    EXPECT_EQ(Devices{lab.reader()}.health_history("qemu-01").at(0).reason.whole(),
              "cannot be brought to its safe state after job 1 (exited with code 3); check its power and console");
    std::filesystem::remove(settings.state_dir / "unsafe");
    until_finished(job);
}

TEST_F(SupervisorTest, AnAttemptToMakeADeviceSafeThatHangsIsKilledAlsoWhenAnEarlierDaemonStartedIt) {
    std::ofstream{settings.state_dir / "hang"};
    const auto job = submit("running\ndie 9\n");
    until([&] { return safe_runs() == 1; });
    stop_daemon();
    std::filesystem::remove(settings.state_dir / "hang");
    times.safe_limit = 200ms;
    start_daemon();
    until_finished(job);
    EXPECT_EQ(safe_runs(), 2);
}

TEST_F(SupervisorTest, ALeaseThatWasGivenToAnotherIsLetGoAndItsRunnerStopped) {
    const auto job = submit("running\nlog one\nwait-for go\nlog two\npass\n");
    until([&] { return lines(job) == 1; });
    const auto pid = runner_pid(job);
    auto give_away = [](Database& db) { db.change("UPDATE lease SET fence = fence + 1"); };
    lab.write(give_away);
    make_file("go");
    until([&] { return daemon->supervisor.size() == 0; });
    EXPECT_EQ(lines(job), 1) << "what a stale runner says is not stored";
    EXPECT_EQ(job_row(job).state, JobState::running) << "its verdict is another's to give";
    EXPECT_EQ(device_row().state, DeviceState::running);
    EXPECT_EQ(safe_runs(), 0) << "the device is another's to switch off";
    EXPECT_NE(::kill(pid, 0), 0) << "its runner is stopped";
}

TEST_F(SupervisorTest, ARunnerThatDiesUnderALeaseGivenToAnotherLeavesItsDeviceAlone) {
    const auto job = submit("running\nlog one\nsync\nwait-for never\n");
    until([&] { return lines(job) == 1; });
    auto give_away = [](Database& db) { db.change("UPDATE lease SET fence = fence + 1"); };
    lab.write(give_away);
    ::kill(runner_pid(job), SIGKILL);
    until([&] { return daemon->supervisor.size() == 0; });
    EXPECT_EQ(job_row(job).state, JobState::running);
    EXPECT_EQ(safe_runs(), 0);
}

TEST_F(SupervisorTest, ADeviceThatCannotBeDescribedEndsOneJobAndIsBad) {
    auto spoil = [](Database& db) { db.change("UPDATE device SET configuration = 'no JSON'"); };
    lab.write(spoil);
    const auto job = submit("running\npass\n");
    const auto waiting = submit("running\npass\n");
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::incomplete);
    EXPECT_EQ(device_row().health, DeviceHealth::bad);
    EXPECT_EQ(job_row(waiting).state, JobState::submitted);
    EXPECT_EQ(safe_runs(), 0) << "nothing touched it";
}

TEST_F(SupervisorTest, ABlameOfAnEarlierDaemonIsTakenBackWhenTheDeviceIsSafe) {
    std::ofstream{settings.state_dir / "unsafe"};
    const auto job = submit("running\npass\ndie 9\n");
    until([&] { return safe_runs() >= 1 && device_row().health == DeviceHealth::bad; });
    stop_daemon();
    std::filesystem::remove(settings.state_dir / "unsafe");
    start_daemon();
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::complete);
    EXPECT_EQ(device_row().health, DeviceHealth::unknown);
}

TEST_F(SupervisorTest, EachOfTwoHundredThousandLinesArrivesOnceWhateverRestarts) {
    constexpr int count = 200'000;
    const auto job = submit("running\nflood " + std::to_string(count) + "\npass\n");
    int restarts = 0;
    std::int64_t seen = 0;
    until([&] {
        const auto now = lines(job);
        if (restarts < 4 && now > seen + count / 8) {
            seen = now;
            ++restarts;
            stop_daemon();
            start_daemon();
        }
        return job_row(job).state == JobState::finished;
    });
    EXPECT_EQ(job_row(job).health, JobHealth::complete);
    ASSERT_EQ(lines(job), count + 1);
    ASSERT_EQ(cases(job).size(), static_cast<std::size_t>(count / 100) + 1);
    // Each in its place: the text of line n names n.
    const auto text = log_text(job);
    std::size_t at = 0;
    for (int i = 0; i < count; ++i) {
        const auto end = text.find('\n', at);
        const auto line = std::string_view{text}.substr(at, end - at);
        const auto name = i % 100 == 99 ? "\"case-" + std::to_string(i) + "\"" : "\"line " + std::to_string(i) + "\"";
        ASSERT_NE(line.find(name), std::string_view::npos) << i << ": " << line;
        at = end + 1;
    }
}

TEST_F(SupervisorTest, ALeaseThatTheDaemonCannotUnderstandEndsAsABugAndTheOthersGoOn) {
    const auto job = submit("running\nlog one\nsync\nwait-for never\n");
    until([&] { return lines(job) == 1; });
    const auto pid = runner_pid(job);
    stop_daemon();
    // The journal of a stranger in our lease's folder.
    const auto journal = settings.leases_dir() / "1" / "journal";
    std::filesystem::remove(journal);
    {
        std::ofstream file{journal, std::ios::binary};
        const auto header = encode(JournalHeader{LeaseId{1}, JobId{1}, Fence{99}});
        file << header;
    }
    start_daemon();
    until_finished(job);
    EXPECT_NE(log_text(job).find("belongs to another lease"), std::string::npos) << log_text(job);
    EXPECT_NE(::kill(pid, 0), 0) << "its runner is stopped";
    EXPECT_EQ(safe_runs(), 1);
    const auto next = submit("running\npass\n");
    until_finished(next);
    EXPECT_EQ(job_row(next).health, JobHealth::complete);
}

TEST_F(SupervisorTest, ARunnerThatCannotBeStartedEndsOneJobAndTheQueueWaits) {
    stop_daemon();
    settings.runner = "/nonexistent/patchbay-runner";
    start_daemon();
    const auto job = submit("pass\n");
    const auto waiting = submit("running\npass\n");
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::incomplete);
    EXPECT_NE(log_text(job).find("cannot start /nonexistent/patchbay-runner"), std::string::npos) << log_text(job);
    EXPECT_EQ(device_row().state, DeviceState::idle);
    EXPECT_EQ(device_row().health, DeviceHealth::bad);
    EXPECT_EQ(job_row(waiting).state, JobState::submitted);
    stop_daemon();
    settings.runner = SCRIPTED_RUNNER;
    start_daemon();
    EXPECT_TRUE(run(lab.io, daemon->scheduler.set_health("qemu-01", DeviceHealth::good, "mended")));
    until_finished(waiting);
    EXPECT_EQ(job_row(waiting).health, JobHealth::complete);
}

/// As a full disk: the store may not have one page more.
void fill_disk(Database& db) {
    auto pages = db.run("PRAGMA page_count");
    pages->step();
    const auto count = pages->integer(0);
    pages.reset();
    db.execute("PRAGMA max_page_count = " + std::to_string(count));
}

void make_space(Database& db) { db.execute("PRAGMA max_page_count = 1000000"); }

TEST_F(SupervisorTest, AFullStoreDelaysARunningJobAndLosesNothing) {
    const auto job = submit("running\nlog one\nwait-for go\nflood 20000\npass\n");
    until([&] { return lines(job) == 1; });
    lab.write(fill_disk);
    make_file("go");
    const auto pid = runner_pid(job);
    until([&] { return ::kill(pid, 0) != 0; });
    EXPECT_EQ(job_row(job).state, JobState::running);
    lab.write(make_space);
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::complete);
    EXPECT_EQ(lines(job), 20002);
}

TEST_F(SupervisorTest, AnOutcomeOfADeviceThatIsNotSafeIsFollowedByItsSafeState) {
    const auto job = submit("running\npass-unsafe\n");
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::complete);
    EXPECT_EQ(safe_runs(), 1);
}

TEST_F(SupervisorTest, AFullStoreKeepsNoBoardOn) {
    const auto job = submit("running\nlog one\nwait-for go\ndie 9\n");
    until([&] { return lines(job) == 1; });
    // Of what a lease writes nothing fits any more.
    auto full = [](Database& db) {
        db.execute("CREATE TABLE filler (bytes BLOB)");
        db.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON lease BEGIN INSERT INTO filler VALUES (zeroblob(1000000)); END");
        fill_disk(db);
    };
    lab.write(full);
    make_file("go");
    until([&] { return safe_runs() == 1; });
    EXPECT_EQ(job_row(job).state, JobState::running);
    lab.write(make_space);
    until_finished(job);
    EXPECT_EQ(safe_runs(), 1);
}

}  // namespace
}  // namespace patchbay
