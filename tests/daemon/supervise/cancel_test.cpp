// SPDX-License-Identifier: Apache-2.0
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <sstream>

#include "daemon/schedule/decision.hpp"
#include "daemon/supervise/runner_process.hpp"
#include "tests/daemon/supervise/lab_fixture.hpp"

namespace patchbay {
namespace {

using namespace testing;
using CancelTest = LabTest;

TEST_F(CancelTest, AQueuedJobIsOverAtOnce) {
    submit("running\nwait-for-cancel\n");
    const auto queued = submit("running\npass\n");
    EXPECT_EQ(cancel(queued), CancelOutcome::finished);
    EXPECT_EQ(job_row(queued).state, JobState::finished);
    EXPECT_EQ(job_row(queued).health, JobHealth::canceled);
    EXPECT_EQ(job_row(queued).cancel_reason, "alice");
    EXPECT_EQ(cancel(queued), CancelOutcome::already_over);
    EXPECT_EQ(cancel(JobId{99}), CancelOutcome::no_such_job);
    const auto verdict = Results{lab.reader()}.job_verdict(queued);
    ASSERT_TRUE(verdict) << "every finished job has its lava/job";
    EXPECT_EQ(verdict->result, CaseResult::fail);
    EXPECT_NE(verdict->metadata.find("error_type: Canceled"), std::string::npos) << verdict->metadata;
    EXPECT_EQ(lines(queued), 3) << log_text(queued);
}

TEST_F(CancelTest, ARunningJobHearsItThroughTheControlSocket) {
    times.terminate_after = 60s;
    const auto job = submit("running\nlog x\nwait-for-cancel\n");
    stop_daemon();
    start_daemon();  // with the new times
    until_state(job, JobState::running);
    EXPECT_EQ(cancel(job), CancelOutcome::signal_sent);
    EXPECT_EQ(cancel(job), CancelOutcome::already_over);
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::canceled);
    EXPECT_EQ(device_row().health, DeviceHealth::good);
    EXPECT_EQ(safe_runs(), 0);
}

TEST_F(CancelTest, APassThatComesAfterTheCancellationIsCanceledAllTheSame) {
    const auto job = submit("running\nwait-for go\npass\n");
    until_state(job, JobState::running);
    EXPECT_EQ(cancel(job), CancelOutcome::signal_sent);
    make_file("go");
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::canceled);
}

TEST_F(CancelTest, ARunnerThatDoesNotListenIsTerminatedThenKilled) {
    stop_daemon();
    times.terminate_after = 50ms;
    times.kill_after = 300ms;
    start_daemon();
    const auto job = submit("ignore-cancel\nrunning\nwait-for never\n");
    until_state(job, JobState::running);
    cancel(job);
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::canceled);
    EXPECT_EQ(safe_runs(), 1) << "it was killed";
    EXPECT_NE(log_text(job).find("The job was canceled"), std::string::npos) << log_text(job);
}

TEST_F(CancelTest, ACancellationIsNotForgottenByARestart) {
    const auto job = submit("running\nlog x\nwait-for-cancel\n");
    until_state(job, JobState::running);
    stop_daemon();
    auto ask = [job](Database& db) { return Jobs{db}.cancel_running(job, "alice"); };
    EXPECT_TRUE(lab.write(ask));
    start_daemon();
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::canceled);
}

TEST_F(CancelTest, AScheduledJobThatIsCanceledBeforeItsStartTouchesNoDevice) {
    stop_daemon();
    auto job = a_job(alice);
    job.definition = "running\nlog x\npass\n";
    const auto id = lab.add_job(job);
    auto claim = [id](Database& db) {
        lease_device(db, id, "qemu-01", wall_now());
        Jobs{db}.cancel_running(id, "alice");
    };
    lab.write(claim);
    start_daemon();
    until_finished(id);
    EXPECT_EQ(job_row(id).health, JobHealth::canceled);
    EXPECT_EQ(lines(id), 3) << "the end's, none of a runner";
    EXPECT_NE(log_text(id).find("The job was canceled before it began"), std::string::npos) << log_text(id);
    EXPECT_EQ(Leases{lab.reader()}.attempts(id).at(0).runner_pid, 0);
    EXPECT_EQ(device_row().state, DeviceState::idle);
    EXPECT_EQ(device_row().health, DeviceHealth::good);
    EXPECT_EQ(safe_runs(), 0);
}

TEST_F(CancelTest, TheJobOfARetiredDeviceIsCanceledAndTheDeviceStaysRetired) {
    const auto job = submit("running\nlog x\nwait-for-cancel\n");
    until_state(job, JobState::running);
    run(lab.io, daemon->supervisor.leave_retired_devices());
    EXPECT_EQ(job_row(job).state, JobState::running) << "its device is not retired";
    EXPECT_TRUE(run(lab.io, daemon->scheduler.set_health("qemu-01", DeviceHealth::retired, "sold")));
    run(lab.io, daemon->supervisor.leave_retired_devices());
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::canceled);
    EXPECT_EQ(job_row(job).cancel_reason, "Device qemu-01 was retired");
    EXPECT_EQ(device_row().state, DeviceState::idle);
    EXPECT_EQ(device_row().health, DeviceHealth::retired);
}

TEST_F(CancelTest, ARunnerThatDoesNotEndAfterItsOutcomeIsKilledAndItsVerdictStays) {
    stop_daemon();
    times.outcome_grace = 100ms;
    start_daemon();
    const auto job = submit("running\npass\nwait-for never\n");
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::complete);
    EXPECT_EQ(safe_runs(), 1);
}

/// What the daemon logs while one exists.
class CapturedLog {
public:
    CapturedLog() {
        auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
    }
    ~CapturedLog() { spdlog::set_default_logger(before_); }
    CapturedLog(const CapturedLog&) = delete;
    CapturedLog& operator=(const CapturedLog&) = delete;
    int count(std::string_view words) const {
        int times = 0;
        const auto text = text_.str();
        for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++times;
        return times;
    }

private:
    std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
    std::ostringstream text_;
};

TEST_F(CancelTest, ARunnerThatCannotBeKilledIsKilledOnceAndFillsNoLog) {
    const auto job = submit("running\nlog x\nwait-for never\n");
    until([&] { return lines(job) == 1; });
    const auto runner = runner_pid(job);
    stop_daemon();
    // A process that leads no group stands for one that hangs in a driver: no signal to its group reaches it.
    const auto stuck = ::fork();
    if (stuck == 0) {
        ::alarm(120);
        for (;;) ::pause();
    }
    auto replace = [stuck, start = process_start_time(stuck)](Database& db) {
        db.change("UPDATE lease SET runner_pid = $1, runner_start = $2", stuck, start);
    };
    lab.write(replace);
    ::kill(-runner, SIGKILL);
    times.terminate_after = 60s;
    times.kill_after = 10ms;
    times.kill_patience = 10ms;
    lab.add_devices({a_device("qemu-01"), a_device("qemu-02")});
    start_daemon();
    const CapturedLog log;
    cancel(job);
    until([&] { return log.count("killing it") > 0; });
    for (int i = 0; i < 3; ++i) until_finished(submit("running\nlog x\npass\n"));  // meanwhile, on the other device
    EXPECT_EQ(log.count("killing it"), 1);
    until([&] { return device_row().health == DeviceHealth::bad; });
    EXPECT_NE(Devices{lab.reader()}.health_history("qemu-01").at(0).reason.text.find("does not die of KILL"),
              std::string::npos);
    EXPECT_EQ(log.count("survives KILL"), 1);
    ::kill(stuck, SIGKILL);
    until_finished(job);
    EXPECT_EQ(device_row().health, DeviceHealth::unknown) << "it is in its safe state";
}

}  // namespace
}  // namespace patchbay
