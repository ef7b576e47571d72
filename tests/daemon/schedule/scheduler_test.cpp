// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/scheduler.hpp"

#include <gtest/gtest.h>

#include "core/task_group.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/multinode_groups.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/portable_choices.hpp"
#include "daemon/store/results.hpp"
#include "daemon/store/workers.hpp"
#include "tests/daemon/store/temporary_store.hpp"
#include "tests/support/virtual_time.hpp"

namespace patchbay {
namespace {

using namespace testing;

class SchedulerTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    std::vector<LeaseRow> started;
    Scheduler scheduler{lab.io.get_executor(), *lab.store, [this](LeaseRow lease) { started.push_back(lease); }};
    TaskGroup group{lab.io.get_executor()};
    UserId alice = lab.add_user("alice");

    JobId submit(NewJob job) { return run(lab.io, scheduler.submit(std::move(job))); }

    /// Lets everything happen that was caused so far: polls until neither the io thread nor the writer has work.
    void settle() {
        for (int quiet = 0; quiet < 3;) {
            lab.store->flush();
            lab.io.restart();
            quiet = lab.io.poll() > 0 ? 0 : quiet + 1;
        }
    }
    void end(LeaseRow lease) {
        auto give_back = [lease](Database& db) {
            Jobs{db}.finish(lease.job, JobHealth::complete, wall_now());
            Devices{db}.release(lease.device, lease.job);
            Leases{db}.close(lease.id, lease.fence, wall_now());
        };
        lab.write(std::move(give_back));
    }
    void TearDown() override {
        group.cancel();
        settle();
        EXPECT_EQ(group.size(), 0U);
    }
};

TEST_F(SchedulerTest, ASubmittedJobFindsItsIdleDeviceAtOnce) {
    lab.add_devices({a_device("qemu-01")});
    group.spawn("scheduler", scheduler.run());
    const auto job = submit(a_job(alice));
    settle();
    ASSERT_EQ(started.size(), 1U);
    EXPECT_EQ(started[0].job, job);
}

TEST_F(SchedulerTest, JobsThatWereQueuedBeforeTheStartAreFound) {
    lab.add_devices({a_device("qemu-01")});
    lab.add_job(a_job(alice));
    group.spawn("scheduler", scheduler.run());
    settle();
    EXPECT_EQ(started.size(), 1U);
}

TEST_F(SchedulerTest, AReturnedDeviceTakesTheNextJob) {
    lab.add_devices({a_device("qemu-01")});
    group.spawn("scheduler", scheduler.run());
    submit(a_job(alice));
    const auto urgent = [&] {
        auto job = a_job(alice);
        job.priority = 100;
        return job;
    }();
    settle();
    submit(a_job(alice));
    const auto second = submit(urgent);
    settle();
    ASSERT_EQ(started.size(), 1U);
    end(started[0]);
    scheduler.wake("qemu");
    settle();
    ASSERT_EQ(started.size(), 2U);
    EXPECT_EQ(started[1].job, second) << "priority first";
}

TEST_F(SchedulerTest, ADeviceThatIsMadeGoodTakesAJob) {
    lab.add_devices({a_device("qemu-01")});
    EXPECT_TRUE(run(lab.io, scheduler.set_health("qemu-01", DeviceHealth::maintenance, "soldering")));
    EXPECT_FALSE(run(lab.io, scheduler.set_health("nobody", DeviceHealth::good, "")));
    group.spawn("scheduler", scheduler.run());
    submit(a_job(alice));
    settle();
    EXPECT_TRUE(started.empty());
    run(lab.io, scheduler.set_health("qemu-01", DeviceHealth::good, "done"));
    settle();
    EXPECT_EQ(started.size(), 1U);
}

TEST_F(SchedulerTest, ManyDevicesAreFilledInOneGo) {
    std::vector<ConfiguredDevice> devices;
    for (int i = 0; i < 70; ++i) devices.push_back(a_device("qemu-" + std::to_string(i)));
    lab.add_devices(devices);
    for (int i = 0; i < 100; ++i) lab.add_job(a_job(alice));
    group.spawn("scheduler", scheduler.run());
    settle();
    EXPECT_EQ(started.size(), 70U);
}

class OtherTypeTest : public SchedulerTest {
protected:
    /// A job in the queue of `home` that may run on `other` as well.
    JobId submit_for(const std::string& home, const std::string& other) {
        auto there = a_job(alice, other);
        there.definition = there.original_definition = "job_name: there\n";
        auto also = [home, there](Database& db, JobId id) {
            PortableChoices{db}.insert(id, home, other_recipe, there);
        };
        return run(lab.io, scheduler.submit(a_job(alice, home), {}, also));
    }
    void set_health(const std::string& device, DeviceHealth health) {
        run(lab.io, scheduler.set_health(device, health, "soldering"));
    }
    static constexpr auto other_recipe = "there";
};

TEST_F(OtherTypeTest, AJobTakesAnIdleDeviceOfAnotherTypeWhenItsOwnAreBad) {
    lab.add_devices({a_device("a-01", "a"), a_device("b-01", "b")});
    set_health("a-01", DeviceHealth::maintenance);
    set_health("b-01", DeviceHealth::maintenance);
    group.spawn("scheduler", scheduler.run());
    const auto job = submit_for("a", "b");
    settle();
    EXPECT_TRUE(started.empty());
    set_health("b-01", DeviceHealth::good);
    settle();
    ASSERT_EQ(started.size(), 1U);
    EXPECT_EQ(started[0].job, job);
    EXPECT_EQ(started[0].device, "b-01");
    EXPECT_EQ(Jobs{lab.reader()}.find(job)->definition, "job_name: there\n");
}

TEST_F(OtherTypeTest, AJobThatComesWhileItsTypeIsBusyTakesADeviceThatIdles) {
    lab.add_devices({a_device("a-01", "a"), a_device("b-01", "b")});
    group.spawn("scheduler", scheduler.run());
    submit_for("a", "b");
    submit_for("a", "b");
    const auto third = submit_for("a", "b");
    settle();
    ASSERT_EQ(started.size(), 2U) << "nothing of type b has changed, and it is taken all the same";
    EXPECT_EQ(started[0].device, "a-01");
    EXPECT_EQ(started[1].device, "b-01");
    EXPECT_EQ(*Jobs{lab.reader()}.find(third)->requested_device_type, "a") << "it waits for the first that is free";
    end(started[1]);
    scheduler.device_free("b");
    settle();
    ASSERT_EQ(started.size(), 3U);
    EXPECT_EQ(started[2].job, third);
}

TEST_F(OtherTypeTest, JobsOfTheTypeItselfGoFirst) {
    lab.add_devices({a_device("a-01", "a"), a_device("b-01", "b")});
    set_health("a-01", DeviceHealth::bad);
    set_health("b-01", DeviceHealth::bad);
    const auto guest = submit_for("a", "b");
    const auto own = lab.add_job(a_job(alice, "b"));
    group.spawn("scheduler", scheduler.run());
    set_health("b-01", DeviceHealth::good);
    settle();
    ASSERT_EQ(started.size(), 1U);
    EXPECT_EQ(started[0].job, own);
    EXPECT_EQ(Jobs{lab.reader()}.find(guest)->state, JobState::submitted);
}

TEST_F(SchedulerTest, ATypeWhoseTurnFailsHoldsUpNoOther) {
    lab.add_devices({a_device("a-01", "a"), a_device("z-01", "z")});
    auto forbid = [](Database& db) {
        db.execute(
            "CREATE TRIGGER broken BEFORE UPDATE ON job WHEN NEW.requested_device_type = 'a' "
            "BEGIN SELECT RAISE(ABORT, 'this one fails'); END");
    };
    lab.write(forbid);
    const auto first = lab.add_job(a_job(alice, "a"));
    const auto second = lab.add_job(a_job(alice, "z"));
    VirtualTime time{lab.io};
    group.spawn("scheduler", scheduler.run());
    settle();
    ASSERT_EQ(started.size(), 1U);
    EXPECT_EQ(started[0].job, second);

    auto allow = [](Database& db) { db.execute("DROP TRIGGER broken"); };
    lab.write(allow);
    Clock::moved += 1min;
    settle();
    ASSERT_EQ(started.size(), 2U) << "it is tried again by itself";
    EXPECT_EQ(started[1].job, first);
}

TEST_F(SchedulerTest, AnErrorOfTheProgramInOneTypeHoldsUpNoOther) {
    lab.add_devices({a_device("a-01", "a"), a_device("z-01", "z")});
    lab.add_job(a_job(alice, "a"));
    const auto second = lab.add_job(a_job(alice, "z"));
    Scheduler strict{lab.io.get_executor(), *lab.store, [this](LeaseRow lease) {
                         if (lease.device == "a-01") throw std::logic_error{"a bug"};
                         started.push_back(lease);
                     }};
    group.spawn("scheduler", strict.run());
    settle();
    ASSERT_EQ(started.size(), 1U);
    EXPECT_EQ(started[0].job, second);
    group.cancel();
    settle();
}

TEST_F(SchedulerTest, AHealthCheckComesWhenItIsDueAndNotOnATick) {
    VirtualTime time{lab.io};
    lab.add_devices({a_device("qemu-01")});
    auto set = [](Database& db) { HealthChecks{db}.configure({a_check()}); };
    lab.write(set);
    group.spawn("scheduler", scheduler.run());
    group.spawn("health checks", scheduler.run_health_checks());
    settle();
    ASSERT_EQ(started.size(), 1U) << "nobody has checked this device yet";
    EXPECT_TRUE(Jobs{lab.reader()}.find(started[0].job)->health_check);
    const auto end_check = [this](LeaseRow lease) {
        end(lease);
        auto note = [lease](Database& db) {
            Devices{db}.note_check(lease.device, lease.job, Jobs{db}.find(lease.job)->submit_time);
        };
        lab.write(std::move(note));
        scheduler.wake("qemu");
        settle();
    };
    end_check(started[0]);
    for (int hour = 0; hour < 23; ++hour) {
        Clock::moved += 1h;
        settle();
    }
    EXPECT_EQ(started.size(), 1U) << "once in 24 hours";
    Clock::moved += 1h;
    settle();
    ASSERT_EQ(started.size(), 2U);
    end_check(started[1]);
    EXPECT_EQ(started.size(), 2U);
}

TEST_F(SchedulerTest, ADeviceInDoubtIsLookedAtAtTheStart) {
    auto doubtful = a_device("qemu-01");
    doubtful.first_health = DeviceHealth::unknown;
    lab.add_devices({doubtful});
    group.spawn("scheduler", scheduler.run());
    settle();
    ASSERT_EQ(started.size(), 1U);
    EXPECT_EQ(Jobs{lab.reader()}.find(started[0].job)->description, "smoke check");
}

TEST_F(SchedulerTest, AJobLeavesTheQueueWhenItsTimeoutPasses) {
    auto timed = a_job(alice, "nowhere");
    timed.queue_timeout = 60s;
    timed.definition = "notify: {criteria: {status: canceled}}\n";
    const auto old = lab.add_job(timed, wall_now() - 61s);
    const auto young = lab.add_job(timed, wall_now());
    group.spawn("time-outs", scheduler.run_queue_timeouts());
    settle();
    const auto row = *Jobs{lab.reader()}.find(old);
    EXPECT_EQ(row.state, JobState::finished);
    EXPECT_EQ(row.health, JobHealth::canceled);
    EXPECT_EQ(row.start_time, row.end_time) << "never started: both are the moment of the time-out";
    const auto verdict = Results{lab.reader()}.job_verdict(old);
    ASSERT_TRUE(verdict) << "every finished job has its lava/job";
    EXPECT_NE(verdict->metadata.find("The queue timeout of the job has passed"), std::string::npos);
    EXPECT_NE(Logs{lab.reader()}.read(old).find("The queue timeout"), std::string::npos);
    ASSERT_EQ(Outbox{lab.reader()}.of_job(old).size(), 1u);
    EXPECT_EQ(Outbox{lab.reader()}.of_job(old)[0].job_health, JobHealth::canceled);
    EXPECT_EQ(Jobs{lab.reader()}.find(young)->state, JobState::submitted);
}

TEST_F(SchedulerTest, ATimeoutOfCenturiesIsWaitedForInPeace) {
    auto timed = a_job(alice, "nowhere");
    timed.queue_timeout = std::chrono::seconds{4 * 3'153'600'000};  // the largest that a definition can ask for
    const auto job = lab.add_job(timed);
    group.spawn("time-outs", scheduler.run_queue_timeouts());
    lab.io.restart();
    for (int handlers = 0; lab.io.poll_one() > 0; ++handlers) ASSERT_LT(handlers, 100) << "it runs in a circle";
    EXPECT_EQ(Jobs{lab.reader()}.find(job)->state, JobState::submitted);
}

TEST_F(SchedulerTest, ANewJobWithAShortTimeoutIsNotForgotten) {
    group.spawn("time-outs", scheduler.run_queue_timeouts());
    settle();
    auto timed = a_job(alice, "nowhere");
    timed.queue_timeout = 0s;
    const auto job = submit(timed);
    settle();
    EXPECT_EQ(Jobs{lab.reader()}.find(job)->state, JobState::finished);
}

TEST_F(SchedulerTest, AJobThatCannotLeaveTheQueueHoldsUpNoOther) {
    VirtualTime time{lab.io};
    auto timed = a_job(alice, "nowhere");
    timed.queue_timeout = 60s;
    const auto first = lab.add_job(timed, wall_now() - 62s);
    const auto second = lab.add_job(timed, wall_now() - 61s);
    auto forbid = [first](Database& db) {
        db.execute("CREATE TRIGGER broken BEFORE UPDATE ON job WHEN NEW.id = " + std::to_string(first.value) +
                   " BEGIN SELECT RAISE(ABORT, 'this one fails'); END");
    };
    lab.write(std::move(forbid));
    group.spawn("time-outs", scheduler.run_queue_timeouts());
    settle();
    EXPECT_EQ(Jobs{lab.reader()}.find(first)->state, JobState::submitted);
    EXPECT_EQ(Jobs{lab.reader()}.find(second)->state, JobState::finished);
    auto allow = [](Database& db) { db.execute("DROP TRIGGER broken"); };
    lab.write(allow);
    Clock::moved += 1min;
    settle();
    EXPECT_EQ(Jobs{lab.reader()}.find(first)->state, JobState::finished) << "it is tried again by itself";
}

TEST_F(SchedulerTest, AGroupLeavesTheQueueWholeOrStays) {
    VirtualTime time{lab.io};
    auto timed = a_job(alice, "nowhere");
    timed.queue_timeout = 60s;
    NewGroup pair{"g", "whole", {{timed, "node", false}, {timed, "node", false}}};
    auto add = [pair](Database& db) { return MultinodeGroups{db}.insert(pair, wall_now() - 61s); };
    const auto parts = lab.write(std::move(add));
    auto forbid = [last = parts[1].job](Database& db) {
        db.execute("CREATE TRIGGER broken BEFORE UPDATE ON job WHEN NEW.id = " + std::to_string(last.value) +
                   " BEGIN SELECT RAISE(ABORT, 'this one fails'); END");
    };
    lab.write(std::move(forbid));
    group.spawn("time-outs", scheduler.run_queue_timeouts());
    settle();
    for (const auto& part : parts) EXPECT_EQ(Jobs{lab.reader()}.find(part.job)->state, JobState::submitted);
    auto allow = [](Database& db) { db.execute("DROP TRIGGER broken"); };
    lab.write(allow);
    Clock::moved += 1min;
    settle();
    for (const auto& part : parts) EXPECT_EQ(Jobs{lab.reader()}.find(part.job)->health, JobHealth::canceled);
}

TEST_F(SchedulerTest, TheEndOfAJobLetsAnotherTypeOfTheSameWorkerBegin) {
    lab.add_devices({a_device("a-01", "a"), a_device("z-01", "z")});
    auto limit = [](Database& db) { Workers{db}.update(Devices{db}.find("a-01")->worker_host, {}, 1); };
    lab.write(limit);
    lab.add_job(a_job(alice, "a"));
    const auto waiting = lab.add_job(a_job(alice, "z"));
    group.spawn("scheduler", scheduler.run());
    settle();
    ASSERT_EQ(started.size(), 1U);
    end(started[0]);
    scheduler.device_free("a");
    settle();
    ASSERT_EQ(started.size(), 2U);
    EXPECT_EQ(started[1].job, waiting);
}

}  // namespace
}  // namespace patchbay
