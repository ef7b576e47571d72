// SPDX-License-Identifier: Apache-2.0
// Multinode groups below a whole supervisor: what parts say reaches the others, whoever dies meanwhile, and one end
// reaches the others.
#include <gmock/gmock.h>

#include "core/config/yaml.hpp"
#include "tests/daemon/supervise/lab_fixture.hpp"

namespace patchbay::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class GroupTest : public LabTest {
protected:
    void SetUp() override {
        LabTest::SetUp();
        lab.add_devices({a_device("qemu-01"), a_device("qemu-02")});
        daemon->scheduler.wake_all();
    }

    NewPart part(const std::string& role, const std::string& script) {
        NewPart part{a_job(alice), role, false};
        const config::Map member{{"role", role}};
        const config::Map protocols{{"lava-multinode", member}};
        const config::Map definition{{"protocols", protocols}, {"script", script}};
        part.job.definition = config::dump_yaml(definition);
        return part;
    }
    /// A server and a client, and what their runners do.
    std::vector<JobId> submit_group(const std::string& server, const std::string& client, bool essential = false) {
        NewGroup group{"a-group", "whole", {part("server", server), part("client", client)}};
        group.parts[0].essential = essential;
        std::vector<JobId> jobs;
        for (const auto& part : run(lab.io, daemon->scheduler.submit_group(std::move(group)))) jobs.push_back(part.job);
        return jobs;
    }
    void until_over(const std::vector<JobId>& jobs) {
        for (const auto job : jobs) until_finished(job);
    }
    void until_said(JobId job, const std::string& text) {
        until([&] { return log_text(job).find(text) != std::string::npos; });
    }
};

const std::string send = R"(call {"call":"send","number":1,"id":"m","data":[["ip","192.0.2.1"]]})";
const std::string wait = R"(call {"call":"wait","number":1,"id":"m"})";

TEST_F(GroupTest, AMessageReachesThePartThatWaitsForIt) {
    const auto jobs = submit_group("running\nwait-for go\n" + send + "\nwait-for-answer 1\npass\n",
                                   "running\nlog before\n" + wait + "\nwait-for-answer 1\npass\n");
    until_said(jobs[1], "before");
    make_file("go");
    until_over(jobs);
    EXPECT_THAT(log_text(jobs[1]), HasSubstr(R"(\"answer\":1,\"items\":[[\"1\",\"ip\",\"192.0.2.1\"]])"));
    EXPECT_THAT(log_text(jobs[0]), HasSubstr(R"({\"answer\":1})"));
}

TEST_F(GroupTest, ACallOutlivesTheDaemonThatHeardIt) {
    const auto jobs = submit_group("running\nwait-for go\n" + send + "\nwait-for-answer 1\npass\n",
                                   "running\n" + wait + "\nlog asked\nsync\nwait-for-answer 1\npass\n");
    until_said(jobs[1], "asked");
    stop_daemon();
    lab.reopen();
    start_daemon();
    make_file("go");
    until_over(jobs);
    EXPECT_THAT(log_text(jobs[1]), HasSubstr("192.0.2.1"));
}

TEST_F(GroupTest, WhatWasSaidWhileNoDaemonWasThereIsHeardByTheNext) {
    const auto jobs = submit_group("running\nlog ready\nwait-for go\n" + send + "\nsync\nwait-for-answer 1\npass\n",
                                   "running\nlog ready\nwait-for go\n" + wait + "\nsync\nwait-for-answer 1\npass\n");
    for (const auto job : jobs) until_said(job, "ready");
    stop_daemon();
    make_file("go");
    lab.reopen();
    start_daemon();
    until_over(jobs);
    EXPECT_THAT(log_text(jobs[1]), HasSubstr("192.0.2.1"));
}

TEST_F(GroupTest, AnAnswerOfManyBytesArrivesWhole) {
    // Larger than the socket's buffer.
    std::string data;
    const std::string value(30'000, 'x');
    std::string calls;
    for (int i = 1; i <= 8; ++i)
        calls += R"(call {"call":"send","number":)" + std::to_string(i) + R"(,"id":"m","data":[["k)" +
                 std::to_string(i) + "\",\"" + value + "\"]]}\n";
    const auto jobs = submit_group("running\n" + calls + "wait-for-answer 8\nwait-for done\npass\n",
                                   "running\nwait-for go\n" + wait + "\nwait-for-answer 1\npass\n");
    until_said(jobs[0], R"({\"answer\":8})");
    make_file("go");
    until_finished(jobs[1]);
    make_file("done");
    until_over(jobs);
    const auto lines = log_text(jobs[1]);
    // A log record has at most 100 000 characters, and says how many there were.
    EXPECT_THAT(lines, HasSubstr("line way too long"));
}

TEST_F(GroupTest, TheFailureOfAnEssentialPartCancelsTheOthers) {
    const auto jobs =
        submit_group("running\nwait-for go\nfail Test it broke\n", "running\nlog up\nwait-for-cancel\n", true);
    until_said(jobs[1], "up");
    make_file("go");
    until_over(jobs);
    EXPECT_EQ(job_row(jobs[0]).health, JobHealth::incomplete);
    EXPECT_EQ(job_row(jobs[1]).health, JobHealth::canceled);
    EXPECT_EQ(job_row(jobs[1]).cancel_reason, "The essential job 1.0 of the group is Incomplete");
}

TEST_F(GroupTest, ThePartThatIsNotEssentialEndsAlone) {
    const auto jobs = submit_group("running\nwait-for go\npass\n", "running\nfail Test it broke\n", true);
    until_finished(jobs[1]);
    until([&] { return job_row(jobs[0]).state == JobState::running; });
    make_file("go");
    until_over(jobs);
    EXPECT_EQ(job_row(jobs[0]).health, JobHealth::complete);
}

TEST_F(GroupTest, ARunnerThatDiesEndsItsPartAndWhatTheOthersSayGoesOn) {
    const auto jobs = submit_group("running\nlog up\nwait-for go\ndie 9\n",
                                   "running\nlog up\nwait-for dead\n" + send + "\nwait-for-answer 1\npass\n");
    for (const auto job : jobs) until_said(job, "up");
    make_file("go");
    until_finished(jobs[0]);
    EXPECT_EQ(job_row(jobs[0]).health, JobHealth::incomplete);
    EXPECT_EQ(Devices{lab.reader()}.find(*job_row(jobs[0]).actual_device)->state, DeviceState::idle);
    EXPECT_EQ(job_row(jobs[1]).state, JobState::running);
    make_file("dead");
    until_finished(jobs[1]);
    EXPECT_EQ(job_row(jobs[1]).health, JobHealth::complete);
}

TEST_F(GroupTest, ADeadRunnerOfAnEssentialPartCancelsTheOthers) {
    const auto jobs =
        submit_group("running\nlog up\nwait-for go\ndie 9\n", "running\nlog up\n" + wait + "\nwait-for-cancel\n", true);
    for (const auto job : jobs) until_said(job, "up");
    make_file("go");
    until_over(jobs);
    EXPECT_EQ(job_row(jobs[0]).health, JobHealth::incomplete);
    EXPECT_EQ(job_row(jobs[1]).health, JobHealth::canceled);
}

TEST_F(GroupTest, WhatAGroupSaidIsGoneWithItsLastPartAlsoWhenOneNeverCame) {
    const auto jobs = submit_group("running\n" + send + "\nwait-for-answer 1\nlog sent\nsync\nwait-for go\npass\n",
                                   "fail Test it did not come so far\n");
    until_finished(jobs[1]);
    until_said(jobs[0], "sent");
    EXPECT_EQ(MultinodeGroups{lab.reader()}.calls_after("a-group", 0).size(), 1U);
    make_file("go");
    until_over(jobs);
    EXPECT_TRUE(MultinodeGroups{lab.reader()}.calls_after("a-group", 0).empty());
}

TEST_F(GroupTest, WhoCancelsOnePartCancelsAll) {
    const auto jobs = submit_group("running\nwait-for-cancel\n", "running\nwait-for-cancel\n");
    for (const auto job : jobs) until_state(job, JobState::running);
    EXPECT_EQ(cancel(jobs[1]), CancelOutcome::signal_sent);
    until_over(jobs);
    for (const auto job : jobs) EXPECT_EQ(job_row(job).health, JobHealth::canceled);
}

TEST_F(GroupTest, AGroupInTheQueueIsCancelledWhole) {
    const auto busy = submit("running\nwait-for go\npass\n");
    until_state(busy, JobState::running);
    const auto jobs = submit_group("pass\n", "pass\n");
    EXPECT_EQ(cancel(jobs[0]), CancelOutcome::finished);
    for (const auto job : jobs) EXPECT_EQ(job_row(job).state, JobState::finished);
    make_file("go");
    until_finished(busy);
}

TEST_F(GroupTest, ARetiredDeviceEndsItsPartOnly) {
    const auto jobs = submit_group("running\nlog up\nwait-for go\npass\n", "running\nlog up\nwait-for-cancel\n");
    for (const auto job : jobs) until_said(job, "up");
    const auto device = *job_row(jobs[1]).actual_device;
    run(lab.io, daemon->scheduler.set_health(device, DeviceHealth::retired, "gone"));
    run(lab.io, daemon->supervisor.leave_retired_devices());
    until_finished(jobs[1]);
    until([&] { return job_row(jobs[0]).state == JobState::running; });
    make_file("go");
    until_finished(jobs[0]);
    EXPECT_EQ(job_row(jobs[0]).health, JobHealth::complete);
}

}  // namespace
}  // namespace patchbay::testing
