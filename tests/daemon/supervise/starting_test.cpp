// SPDX-License-Identifier: Apache-2.0
// A worker makes the files of a lease, and may take its time.
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <utility>

#include "tests/daemon/supervise/lab_fixture.hpp"

namespace patchbay {
namespace {

using namespace testing;

/// A pool of one thread that has something else to do.
class Busy {
public:
    explicit Busy(asio::thread_pool& pool) {
        asio::post(pool, [free = free_.get_future().share()] { free.wait(); });
    }
    ~Busy() { let_go(); }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;
    void let_go() {
        if (!std::exchange(is_free_, true)) free_.set_value();
    }

private:
    std::promise<void> free_;
    bool is_free_ = false;
};

class StartingTest : public LabTest {
protected:
    Busy busy{lab.workers};

    void TearDown() override {
        busy.let_go();
        LabTest::TearDown();
    }
    /// A job whose lease waits for its files.
    JobId begun() {
        const auto job = submit("running\nlog x\npass\n");
        until_state(job, JobState::scheduled);
        // What came before it on the io thread is done when this one is stored and gone.
        EXPECT_EQ(cancel(submit("running\npass\n")), CancelOutcome::finished);
        return job;
    }
    LeaseRow lease(JobId job) { return Leases{lab.reader()}.attempts(job).at(0); }
};

TEST_F(StartingTest, TheDaemonGoesOnWhileFilesAreMade) {
    const auto job = begun();
    EXPECT_FALSE(folder_exists(job)) << "the io thread has made them";
    EXPECT_EQ(job_row(job).state, JobState::scheduled);
    busy.let_go();
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::complete);
}

TEST_F(StartingTest, AJobThatIsCanceledMeanwhileNeverBegins) {
    const auto job = begun();
    EXPECT_EQ(cancel(job), CancelOutcome::signal_sent);
    busy.let_go();
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::canceled);
    EXPECT_NE(log_text(job).find("The job was canceled before it began"), std::string::npos) << log_text(job);
    EXPECT_EQ(lease(job).runner_pid, 0);
    EXPECT_EQ(device_row().state, DeviceState::idle);
    EXPECT_EQ(device_row().health, DeviceHealth::good);
    EXPECT_EQ(safe_runs(), 0) << "nothing has touched it";
}

TEST_F(StartingTest, ADaemonThatEndsMeanwhileLeavesItToTheNext) {
    const auto job = begun();
    daemon->group.cancel();
    run(lab.io, daemon->group.join());
    auto stopped = asio::co_spawn(lab.io, daemon->supervisor.stop(), asio::use_future);
    lab.io.restart();
    lab.io.poll();  // everybody has heard it
    busy.let_go();
    until([&] { return stopped.wait_for(0s) == std::future_status::ready; });
    daemon.reset();
    EXPECT_EQ(lease(job).runner_pid, 0);
    EXPECT_FALSE(lease(job).ended);
    EXPECT_FALSE(std::filesystem::exists(settings.leases_dir() / std::to_string(lease(job).id.value) / "runner.log"))
        << "no runner was started that nobody has noted";
    start_daemon();
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::complete);
}

TEST_F(StartingTest, ADeviceIsMadeSafeWhenItsFilesHaveBeenRead) {
    busy.let_go();
    const auto job = submit("running\nlog x\nsync\nwait-for never\n");
    until([&] { return lines(job) == 1; });
    Busy again{lab.workers};
    ::kill(runner_pid(job), SIGKILL);
    until([&] { return Leases{lab.reader()}.attempts(job).at(0).phase == LeaseRow::Phase::making_safe; });
    EXPECT_EQ(cancel(job), CancelOutcome::signal_sent) << "the daemon goes on";
    EXPECT_EQ(safe_runs(), 0);
    EXPECT_NE(device_row().state, DeviceState::idle);
    again.let_go();
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::canceled);
    EXPECT_EQ(safe_runs(), 1);
    EXPECT_EQ(device_row().state, DeviceState::idle);
}

}  // namespace
}  // namespace patchbay
