// SPDX-License-Identifier: Apache-2.0
// A running job that stops for others, and is queued again.
#include <algorithm>

#include "daemon/store/artifacts.hpp"
#include "daemon/store/reservations.hpp"
#include "jobs/journal/artifact.hpp"
#include "tests/daemon/supervise/lab_fixture.hpp"

namespace patchbay {
namespace {

using namespace testing;

class StoppedTest : public LabTest {
protected:
    UserId owner = lab.add_user("owner");

    void preemptible(int attempts) {
        daemon->scheduler.set_sharing(parse_sharing_rules(
            "rules: [{name: guests, users: [alice], preemptible: {after: 0s, attempts: " + std::to_string(attempts) +
                "}}]",
            "sharing.yaml"));
    }
    JobId submit_owner(std::string script) {
        auto job = a_job(owner);
        job.definition = std::move(script);
        return run(lab.io, daemon->scheduler.submit(std::move(job)));
    }
    std::vector<LeaseRow> attempts(JobId job) { return Leases{lab.reader()}.attempts(job); }
};

TEST_F(StoppedTest, TheJobComesBackWithNothingLost) {
    preemptible(3);
    // The second time the file is there.
    const auto guest = submit("running\nlog one\nresult early\nwait-for-cancel\n");
    until_state(guest, JobState::running);
    until([&] { return lines(guest) == 2; });
    const auto mine = submit_owner("running\nlog mine\nwait-for go\npass\n");
    until_state(mine, JobState::running);
    const auto queued = job_row(guest);
    EXPECT_EQ(queued.state, JobState::submitted);
    EXPECT_EQ(queued.health, JobHealth::unknown);
    EXPECT_EQ(queued.actual_device, std::nullopt);
    EXPECT_EQ(queued.start_time, std::nullopt);
    EXPECT_NE(log_text(guest).find("attempt 1 on qemu-01 was stopped for job 2, which has waited 0s; attempt 2 begins "
                                   "when a device is free"),
              std::string::npos)
        << log_text(guest);
    EXPECT_TRUE(cases(guest).empty());
    EXPECT_EQ(device_row().health, DeviceHealth::good);
    EXPECT_EQ(safe_runs(), 0) << "it ended by itself";

    make_file("go");
    until_finished(mine);
    EXPECT_EQ(job_row(mine).health, JobHealth::complete);
    until_state(guest, JobState::running);
    cancel(guest);
    until_finished(guest);
    EXPECT_EQ(job_row(guest).health, JobHealth::canceled);
    ASSERT_EQ(attempts(guest).size(), 2U);
    EXPECT_EQ(attempts(guest)[1].attempt, 2);
    EXPECT_TRUE(attempts(guest)[0].ended);
    const auto past = Results{lab.reader()}.past(guest, 1, 10);
    ASSERT_EQ(past.size(), 1U);
    EXPECT_EQ(past[0].name, "early");
    const auto now = cases(guest);
    const auto early = [](const CaseRow& row) { return row.name == "early"; };
    EXPECT_EQ(std::count_if(now.begin(), now.end(), early), 1) << "of the second attempt";
    EXPECT_GE(lines(guest), 5) << log_text(guest);
}

TEST_F(StoppedTest, TheFilesOfTheStoppedAttemptAreNotThoseOfTheNext) {
    preemptible(3);
    const auto guest = submit("running\nlog one\nwait-for-cancel\n");
    until_state(guest, JobState::running);
    auto add = [guest](Database& db) {
        const std::string large(20 * artifact_piece_bytes, 's');
        for (std::uint64_t at = 0; at < large.size(); at += artifact_piece_bytes)
            Artifacts{db}.add(guest, encode_artifact_piece({"0_out.wav", "audio/wav", large}, at));
    };
    lab.write(std::move(add));
    ASSERT_EQ(Artifacts{lab.reader()}.list(guest).size(), 1U);
    const auto mine = submit_owner("running\nwait-for go\npass\n");
    until_state(mine, JobState::running);
    EXPECT_EQ(job_row(guest).state, JobState::submitted);
    for (const auto* table : {"artifact", "artifact_piece"}) {
        auto left = lab.reader().run(std::string{"SELECT COUNT(*) FROM "} + table);
        left->step();
        EXPECT_EQ(left->integer(0), 0) << table;
    }
    make_file("go");
    until_finished(mine);
    until_state(guest, JobState::running);
    cancel(guest);
    until_finished(guest);
}

TEST_F(StoppedTest, AJobWithManyResultsHoldsUpNoSubmission) {
    preemptible(3);
    const auto guest = submit("running\nlog one\nwait-for-cancel\n");
    until_state(guest, JobState::running);
    auto add = [guest](Database& db) {
        NewCase row;
        row.suite = "0_many";
        for (int i = 0; i < 3000; ++i) {
            row.name = std::to_string(i);
            Results{db}.add_case(guest, row);
        }
    };
    lab.write(std::move(add));
    submit_owner("running\npass\n");
    std::int64_t before = 0, most_at_once = 0;
    until([&] {
        auto row = lab.reader().run("SELECT COUNT(*) FROM past_case WHERE job = $1", guest);
        const auto now = row->step() ? row->integer(0) : 0;
        most_at_once = std::max(most_at_once, now - before);
        before = now;
        return attempts(guest).at(0).ended;
    });
    EXPECT_LE(most_at_once, 1000) << "others have their turn between two pieces, of which one may have followed unseen";
    const auto past = Results{lab.reader()}.past(guest, 1, 10'000);
    ASSERT_EQ(past.size(), 3000U);
    for (std::size_t i = 0; i < past.size(); ++i) ASSERT_EQ(past[i].name, std::to_string(i));
}

TEST_F(StoppedTest, AfterItsLastAttemptItEndsAsAnErrorOfTheLab) {
    preemptible(1);
    const auto guest = submit("running\nlog one\nwait-for-cancel\n");
    until_state(guest, JobState::running);
    const auto mine = submit_owner("running\nlog mine\npass\n");
    until_finished(guest);
    until_finished(mine);
    EXPECT_EQ(job_row(guest).health, JobHealth::incomplete);
    const auto verdict = Results{lab.reader()}.job_verdict(guest);
    ASSERT_TRUE(verdict);
    EXPECT_NE(verdict->metadata.find("Infrastructure"), std::string::npos) << verdict->metadata;
    EXPECT_NE(verdict->metadata.find("that the lab's rules allow"), std::string::npos) << verdict->metadata;
    EXPECT_EQ(device_row().health, DeviceHealth::good) << "the device is not to blame";
    EXPECT_EQ(job_row(mine).health, JobHealth::complete);
}

TEST_F(StoppedTest, ARunnerThatDoesNotListenIsKilledAndTheDeviceMadeSafe) {
    stop_daemon();
    times.terminate_after = 50ms;
    times.kill_after = 300ms;
    start_daemon();
    preemptible(3);
    const auto guest = submit("ignore-cancel\nrunning\nwait-for never\n");
    until_state(guest, JobState::running);
    const auto mine = submit_owner("running\nlog mine\npass\n");
    until_finished(mine);
    EXPECT_GE(safe_runs(), 1);
    EXPECT_EQ(attempts(guest).at(0).stop_reason, "stopped for job 2, which has waited 0s");
    EXPECT_NE(job_row(guest).state, JobState::finished);
}

TEST_F(StoppedTest, ARestartOfTheDaemonDoesNotForgetIt) {
    const auto guest = submit("running\nlog one\nwait-for-cancel\n");
    until_state(guest, JobState::running);
    stop_daemon();
    auto stop = [guest](Database& db) {
        const auto lease = Leases{db}.open_lease_of(guest).value();
        return Leases{db}.stop(lease.id, lease.fence, "stopped for job 2, which has waited 10min", true);
    };
    EXPECT_TRUE(lab.write(stop));
    start_daemon();
    until([&] { return attempts(guest).size() == 2; });
    until_state(guest, JobState::running);
    EXPECT_NE(log_text(guest).find("attempt 1 on qemu-01 was stopped for job 2"), std::string::npos);
    cancel(guest);
    until_finished(guest);
}

TEST_F(StoppedTest, WhatWasOverBeforeItHeardHasItsVerdict) {
    preemptible(3);
    const auto guest = submit("ignore-cancel\nrunning\nlog one\nwait-for go\npass\n");
    until_state(guest, JobState::running);
    const auto mine = submit_owner("running\nlog mine\npass\n");
    until([&] { return !attempts(guest).at(0).stop_reason.empty(); });
    make_file("go");
    until_finished(guest);
    EXPECT_EQ(job_row(guest).health, JobHealth::complete);
    until_finished(mine);
}

TEST_F(StoppedTest, APersonsCancelWins) {
    preemptible(3);
    const auto guest = submit("ignore-cancel\nrunning\nlog one\nwait-for go\nfail Canceled stopped\n");
    until_state(guest, JobState::running);
    submit_owner("running\nlog mine\npass\n");
    until([&] { return !attempts(guest).at(0).stop_reason.empty(); });
    EXPECT_EQ(cancel(guest), CancelOutcome::signal_sent);
    make_file("go");
    until_finished(guest);
    EXPECT_EQ(job_row(guest).health, JobHealth::canceled);
    EXPECT_EQ(attempts(guest).size(), 1U);
}

TEST_F(StoppedTest, ADeviceThatWasKeptForACanceledJobTakesAnother) {
    preemptible(3);
    const auto guest = submit("ignore-cancel\nrunning\nlog one\nwait-for go\nfail Canceled stopped\n");
    until_state(guest, JobState::running);
    const auto mine = submit_owner("running\nlog mine\npass\n");
    until([&] { return !attempts(guest).at(0).stop_reason.empty(); });
    make_file("go");
    until_state(guest, JobState::submitted);
    // Between its return and the next lease: whoever is first, in the end both are done.
    until_finished(mine);
    until_finished(guest);
    EXPECT_EQ(attempts(guest).size(), 2U);
}

}  // namespace
}  // namespace patchbay
