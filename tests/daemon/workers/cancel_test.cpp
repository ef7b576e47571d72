// SPDX-License-Identifier: Apache-2.0
// Jobs that end early, and workers that do not come back.
#include "daemon/supervise/supervisor.hpp"
#include "daemon/supervise/unclaimed.hpp"
#include "daemon/workers/silence.hpp"
#include "tests/daemon/workers/worker_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;
using ::testing::ElementsAre;

class WorkerCancelTest : public WorkerTest {
protected:
    void cancel(JobId job) { EXPECT_EQ(lab.get(url(job, "cancel/"), "alice").status, 200); }
    void stop_for_others(JobId job, bool requeue) {
        auto stop = [lease = lab.lease(job), requeue](Database& db) {
            Leases{db}.stop(lease.id, lease.fence, "stopped for another job", requeue);
        };
        lab.lab.write(std::move(stop));
    }
    /// As if the worker had asked so long ago.
    void heard(std::string name, WallTime when) {
        auto set = [name, when](Database& db) { Workers{db}.heard(name, "2023.01", when); };
        lab.lab.write(std::move(set));
    }
};

TEST_F(WorkerCancelTest, AJobThatNobodyWasToldOfEndsAtOnce) {
    const auto job = scheduled_job();
    cancel(job);
    EXPECT_EQ(lab.job(job).state, JobState::finished);
    EXPECT_EQ(lab.job(job).health, JobHealth::canceled);
    EXPECT_EQ(device().state, DeviceState::idle);
    EXPECT_THAT(cases(job), ElementsAre("lava/job fail"));
    EXPECT_EQ(list_of(job), "none");
}

TEST_F(WorkerCancelTest, ARunningJobIsCanceledByItsWorker) {
    const auto running = running_job();
    cancel(running.job);
    EXPECT_EQ(lab.job(running.job).state, JobState::canceling);
    EXPECT_EQ(list_of(running.job), "cancel");
    tell(path(running.job), running.token, "state=RUNNING");
    EXPECT_EQ(lab.job(running.job).state, JobState::canceling) << "it does not go back";
    send_log(running, 0, lines(0, 2));
    finish(running, "result=fail&error_type=Canceled&errors=&description=");
    EXPECT_EQ(lab.job(running.job).health, JobHealth::canceled);
    EXPECT_EQ(log_lines(running.job), 3);
    EXPECT_NE(device().health, DeviceHealth::bad);
}

TEST_F(WorkerCancelTest, AJobThatWasCanceledOnItsWayToTheWorkerBlamesNoDevice) {
    const auto good = running_job();
    finish(good);
    ASSERT_EQ(device().health, DeviceHealth::good);
    Running running;
    running.job = scheduled_job();
    running.token = token_of(running.job);
    cancel(running.job);
    EXPECT_EQ(lab.job(running.job).state, JobState::canceling) << "the worker may have begun";
    // A worker that does not know the job says so.
    finish(running, "result=fail&error_type=Bug&errors=&description=");
    EXPECT_EQ(lab.job(running.job).health, JobHealth::canceled);
    EXPECT_EQ(device().health, DeviceHealth::good);
}

TEST_F(WorkerCancelTest, AnAttemptThatIsStoppedForOthersWaitsAgainWithoutItsResults) {
    const auto running = running_job();
    send_log(running, 0, lines(0, 2) + "\n" + result_line("0_smoke", "t1"));
    stop_for_others(running.job, true);
    EXPECT_EQ(list_of(running.job), "cancel");
    finish(running, "result=fail&error_type=Canceled&errors=&description=");
    EXPECT_EQ(lab.job(running.job).state, JobState::submitted);
    EXPECT_EQ(device().state, DeviceState::idle);
    EXPECT_THAT(cases(running.job), ElementsAre());
    lab.schedule(running.job, "far-01");
    Running second{running.job, token_of(running.job)};
    EXPECT_NE(second.token, running.token);
    EXPECT_EQ(send_log(running, 3, lines(3, 1)).body, R"({"line_count": 1})") << "of an attempt that is over";
    EXPECT_EQ(log_lines(running.job), 4) << "three and a word about the attempt";
    EXPECT_EQ(send_log(second, 0, lines(0, 2, "2")).body, R"({"line_count": 2})");
    EXPECT_EQ(log_lines(running.job), 6);
    EXPECT_EQ(finish(running).body, "{}");
    EXPECT_EQ(lab.job(running.job).state, JobState::scheduled) << "the first attempt says nothing about the second";
}

TEST_F(WorkerCancelTest, AnAttemptThatEndedByItselfIsNotQueuedAgain) {
    const auto running = running_job();
    stop_for_others(running.job, true);
    finish(running);
    EXPECT_EQ(lab.job(running.job).health, JobHealth::complete);
}

TEST_F(WorkerCancelTest, TheLastAttemptThatIsStoppedEndsTheJob) {
    const auto running = running_job();
    stop_for_others(running.job, false);
    finish(running, "result=fail&error_type=Canceled");
    EXPECT_EQ(lab.job(running.job).health, JobHealth::incomplete);
    EXPECT_NE(device().health, DeviceHealth::bad);
}

TEST_F(WorkerCancelTest, ASilentWorkerIsOfflineAndWhatItRunsGoesOn) {
    const auto running = running_job();
    ASSERT_EQ(worker().state, WorkerState::online);
    heard("rack-2", wall_now() - worker_patience);
    auto watching = std::make_shared<bool>(true);
    asio::co_spawn(lab.lab.io, watch_workers(*lab.lab.store, lab.services().scheduler),
                   asio::bind_cancellation_slot(stop_.slot(), [watching](std::exception_ptr) { *watching = false; }));
    lab.run_until([&] { return worker().state == WorkerState::offline; });
    EXPECT_EQ(lab.job(running.job).state, JobState::running);
    EXPECT_EQ(device().state, DeviceState::running);
    // It comes back with what happened meanwhile.
    EXPECT_EQ(list_of(running.job), "running");
    EXPECT_EQ(worker().state, WorkerState::online);
    finish(running);
    EXPECT_EQ(lab.job(running.job).health, JobHealth::complete);
    stop_.emit(asio::cancellation_type::all);
    lab.run_until([&] { return !*watching; });
}

TEST_F(WorkerCancelTest, AJobThatASilentWorkerWasNotToldOfWaitsForAnotherDevice) {
    heard("rack-2", wall_now() - worker_patience);
    const auto job = scheduled_job();
    const auto told = running_job_of_rack3();
    auto look = [](Database& db) {
        const auto now = wall_now();
        Workers{db}.silent_since(now - worker_patience);
        return take_back_unclaimed(db, "rack-2", now);
    };
    EXPECT_THAT(lab.lab.write(look), ElementsAre(job));
    EXPECT_EQ(lab.job(job).state, JobState::submitted);
    EXPECT_EQ(device().state, DeviceState::idle);
    EXPECT_EQ(lab.job(told).state, JobState::scheduled);
    // It is not given to a device of the silent worker.
    auto claim = [](Database& db) { return claim_next(db, "far", wall_now()); };
    EXPECT_FALSE(claimed(lab.lab.write(claim)));
    ping();
    EXPECT_TRUE(claimed(lab.lab.write(claim)));
    EXPECT_EQ(list_of(job), "start");
}

TEST_F(WorkerCancelTest, ASuperuserGivesUpAJobWhoseWorkerDoesNotComeBack) {
    const auto running = running_job();
    EXPECT_EQ(lab.post(url(running.job, "fail/"), "application/json", "{}", "root").status, 400) << "it runs";
    cancel(running.job);
    EXPECT_EQ(lab.post(url(running.job, "fail/"), "application/json", "{}", "alice").status, 403);
    EXPECT_EQ(lab.post(url(running.job, "fail/"), "application/json", "{}", "root").status, 200);
    EXPECT_EQ(lab.job(running.job).state, JobState::finished);
    EXPECT_EQ(lab.job(running.job).health, JobHealth::canceled);
    EXPECT_EQ(device().state, DeviceState::idle);
    EXPECT_EQ(device().health, DeviceHealth::unknown) << "nobody knows what it does";
    EXPECT_THAT(log(running.job),
                HasSubstr("worker rack-2 did not end the job after it was canceled, and root gave it up"));
    EXPECT_EQ(finish(running).body, "{}");
    EXPECT_EQ(send_log(running, 0, lines(0, 2)).body, R"({"line_count": 2})") << "what comes late is kept";
    EXPECT_EQ(lab.job(running.job).health, JobHealth::canceled);
}

TEST_F(WorkerCancelTest, ADeviceThatIsRetiredHasItsJobCanceled) {
    const auto running = running_job();
    auto retire = [](Database& db) { Devices{db}.set_health("far-01", DeviceHealth::retired, "gone", wall_now()); };
    lab.lab.write(retire);
    run(lab.lab.io, lab.services().supervisor.leave_retired_devices());
    EXPECT_EQ(list_of(running.job), "cancel");
}

TEST_F(WorkerCancelTest, TheSupervisorLeavesAttemptsOfWorkersAlone) {
    const auto running = running_job();
    lab.services().supervisor.adopt();
    EXPECT_EQ(lab.services().supervisor.size(), 0U);
    EXPECT_EQ(lab.job(running.job).state, JobState::running);
}

}  // namespace
}  // namespace patchbay
