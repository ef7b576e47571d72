// SPDX-License-Identifier: Apache-2.0
// Rules of sharing as a submission meets them, and as the scheduler follows the clock and the file.
#include "daemon/schedule/admission.hpp"

#include "core/task_group.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "tests/daemon/schedule/sharing_lab.hpp"
#include "tests/support/virtual_time.hpp"

namespace patchbay {
namespace {

using namespace testing;

class AdmissionTest : public SharingLab {
protected:
    std::vector<LeaseRow> started;
    Scheduler scheduler{lab.io.get_executor(), *lab.store, [this](LeaseRow lease) { started.push_back(lease); }};
    TaskGroup group{lab.io.get_executor()};

    JobRow hand_in(NewJob job) {
        const auto id = run(lab.io, scheduler.submit(std::move(job)));
        return *Jobs{lab.reader()}.find(id);
    }
    void use(const std::string& keys) {
        limit(keys);
        scheduler.set_sharing(rules);
    }
    void settle() {
        for (int quiet = 0; quiet < 3;) {
            lab.store->flush();
            lab.io.restart();
            quiet = lab.io.poll() > 0 ? 0 : quiet + 1;
        }
    }
    void TearDown() override {
        group.cancel();
        settle();
        EXPECT_EQ(group.size(), 0U);
    }
};

TEST_F(AdmissionTest, APriorityAboveTheCapIsLowered) {
    use("  max_priority: 40\n");
    EXPECT_EQ(hand_in(a_job(guest, "qemu", 80)).priority, 40);
    EXPECT_EQ(hand_in(a_job(guest, "qemu", 20)).priority, 20);
    EXPECT_EQ(hand_in(a_job(owner, "qemu", 80)).priority, 80) << "nothing is said of the owner";
}

TEST_F(AdmissionTest, TheQueueDeadlineIsTheShorterOfBoth) {
    use("  queue_timeout: 6h\n");
    EXPECT_EQ(hand_in(a_job(guest)).queue_timeout, 6h);
    auto job = a_job(guest);
    job.queue_timeout = 48h;
    EXPECT_EQ(hand_in(job).queue_timeout, 6h);
    job.queue_timeout = 1h;
    EXPECT_EQ(hand_in(job).queue_timeout, 1h);
    EXPECT_EQ(hand_in(a_job(owner)).queue_timeout, std::nullopt);
}

TEST_F(AdmissionTest, AJobLeavesTheQueueAtTheDeadlineOfItsRule) {
    VirtualTime time{lab.io};
    use("  queue_timeout: 6h\n");
    group.spawn("time-outs", scheduler.run_queue_timeouts());
    settle();
    const auto job = hand_in(a_job(guest)).id;
    Clock::moved += 6h - 1s;
    settle();
    EXPECT_EQ(Jobs{lab.reader()}.find(job)->state, JobState::submitted);
    Clock::moved += 1s;
    settle();
    EXPECT_EQ(Jobs{lab.reader()}.find(job)->state, JobState::finished);
    EXPECT_EQ(Jobs{lab.reader()}.find(job)->health, JobHealth::canceled);
}

TEST_F(AdmissionTest, TheJobsOfAGroupAreTakenTogetherOrNotAtAll) {
    use("  max_queued: 2\n  max_priority: 40\n");
    const auto group_of = [this](std::size_t size) {
        NewGroup jobs{"group-" + std::to_string(size), "whole", {}};
        for (std::size_t i = 0; i < size; ++i) jobs.parts.push_back({a_job(guest, "qemu", 80), "node", false});
        return jobs;
    };
    EXPECT_THROW(run(lab.io, scheduler.submit_group(group_of(3))), SharingRefusal);
    EXPECT_FALSE(Jobs{lab.reader()}.find(JobId{1}));
    const auto parts = run(lab.io, scheduler.submit_group(group_of(2)));
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(Jobs{lab.reader()}.find(parts[1].job)->priority, 40);
}

TEST_F(AdmissionTest, AFullQueueRefusesTheNextJob) {
    use("  max_queued: 2\n");
    hand_in(a_job(guest));
    hand_in(a_job(other));
    EXPECT_THROW(hand_in(a_job(guest)), SharingRefusal);
    EXPECT_NO_THROW(hand_in(a_job(owner)));
    Query all;
    EXPECT_EQ(Jobs{lab.reader()}.count(all, Viewer{{}, true}), 3);
}

TEST_F(AdmissionTest, AJobThatTakesTooLongIsRefused) {
    use("  max_job_time: 2h\n");
    auto job = a_job(guest);
    job.run_limit = 2h;
    EXPECT_EQ(hand_in(job).run_limit, 2h);
    job.run_limit = 3h;
    EXPECT_THROW(hand_in(job), SharingRefusal);
}

TEST_F(AdmissionTest, AnOpeningWindowLetsJobsBeginByItself) {
    VirtualTime time{lab.io};  // Thursday, 2026-01-01 00:00
    add_boards(2);
    use("  windows: [\"19:00-07:00\"]\n");
    Clock::moved += 12h;
    group.spawn("scheduler", scheduler.run());
    settle();
    auto job = a_job(guest);
    job.run_limit = 2h;
    hand_in(job);
    settle();
    Clock::moved += 7h - 1s;
    settle();
    EXPECT_EQ(started.size(), 0U);
    Clock::moved += 1s;
    settle();
    EXPECT_EQ(started.size(), 1U);
}

TEST_F(AdmissionTest, AJobThatMissedAWindowHasTheNext) {
    VirtualTime time{lab.io};
    add_boards(1);
    use("  windows: [\"19:00-07:00\"]\n");
    Clock::moved += 6h;
    group.spawn("scheduler", scheduler.run());
    auto job = a_job(guest);
    job.run_limit = 2h;
    hand_in(job);
    settle();
    EXPECT_EQ(started.size(), 0U) << "an hour is left";
    Clock::moved += 1h;
    settle();
    Clock::moved += 12h;
    settle();
    EXPECT_EQ(started.size(), 1U);
}

TEST_F(AdmissionTest, TheEndOfAJobLetsAnotherTypeBegin) {
    lab.add_devices({a_device("qemu-1"), a_device("rock-1", "rock")});
    use("  max_running: 1\n");
    group.spawn("scheduler", scheduler.run());
    hand_in(a_job(guest));
    settle();
    hand_in(a_job(guest, "rock"));
    settle();
    ASSERT_EQ(started.size(), 1U);
    end(started[0]);
    scheduler.device_free("qemu");
    settle();
    ASSERT_EQ(started.size(), 2U) << "the cap is of all devices";
    EXPECT_EQ(started[1].device, "rock-1");
}

TEST_F(AdmissionTest, AJobStopsByTheClock) {
    VirtualTime time{lab.io};
    add_boards(1);
    std::vector<LeaseRow> stopped;
    scheduler.on_stop([&](LeaseRow lease) { stopped.push_back(lease); });
    use("  preemptible: {after: 10m}\n");
    group.spawn("scheduler", scheduler.run());
    hand_in(a_job(guest));
    settle();
    hand_in(a_job(owner));
    settle();
    Clock::moved += 10min - 1s;
    settle();
    EXPECT_TRUE(stopped.empty());
    Clock::moved += 1s;
    settle();
    EXPECT_EQ(stopped.size(), 1U);
}

TEST_F(AdmissionTest, NewRulesHoldAtOnce) {
    add_boards(2);
    use("  max_running: 0\n");
    group.spawn("scheduler", scheduler.run());
    hand_in(a_job(guest));
    settle();
    EXPECT_EQ(started.size(), 0U);
    use("  max_running: 1\n");
    settle();
    EXPECT_EQ(started.size(), 1U);
}

}  // namespace
}  // namespace patchbay
