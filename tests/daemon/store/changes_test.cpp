// SPDX-License-Identifier: Apache-2.0
// What writes change is told once, in the order of the commits, and only when it is on the disk.
#include "daemon/store/changes.hpp"

#include <gtest/gtest.h>

#include "daemon/store/leases.hpp"
#include "daemon/store/workers.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class ChangesTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    std::vector<Change> told;
    UserId alice = lab.add_user("alice");

    ChangesTest() {
        lab.add_devices({a_device("board-1"), a_device("board-2")});
        lab.store->on_changes(
            [this](const std::vector<Change>& changes) { told.insert(told.end(), changes.begin(), changes.end()); });
    }
    std::vector<Change> take() { return std::exchange(told, {}); }
    template <class T>
    const T& only() {
        EXPECT_EQ(told.size(), 1U);
        return std::get<T>(told.at(0));
    }
};

TEST_F(ChangesTest, ANewJobAndEachOfItsStatesIsToldOnce) {
    const auto start = wall_now();
    const auto job = lab.add_job(a_job(alice, "qemu", 70));
    EXPECT_EQ(only<JobNews>(), (JobNews{job, JobState::submitted, JobHealth::unknown, 70, {}, {}, {}}));
    take();
    lab.write([job](Database& db) {
        Devices{db}.reserve("board-1", job);
        Jobs{db}.schedule(job, "board-1");
    });
    lab.write([job, start](Database& db) {
        Devices{db}.start("board-1", job);
        Jobs{db}.start(job, start);
    });
    lab.write([job, start](Database& db) {
        Devices{db}.release("board-1", job);
        Jobs{db}.finish(job, JobHealth::complete, start);
    });
    const std::vector<Change> expected{
        DeviceNews{"board-1", DeviceState::reserved, DeviceHealth::good, {}},
        JobNews{job, JobState::scheduled, JobHealth::unknown, 70, "board-1", {}, {}},
        DeviceNews{"board-1", DeviceState::running, DeviceHealth::good, job},
        JobNews{job, JobState::running, JobHealth::unknown, 70, "board-1", start, {}},
        DeviceNews{"board-1", DeviceState::idle, DeviceHealth::good, job},
        JobNews{job, JobState::finished, JobHealth::complete, 70, "board-1", start, start},
    };
    EXPECT_EQ(take(), expected);
}

TEST_F(ChangesTest, WhatChangesNoStateIsNotTold) {
    const auto job = lab.add_job(a_job(alice));
    take();
    lab.write([job](Database& db) {
        Jobs{db}.add_failure_comment(job, "text");
        Devices{db}.set_health("board-1", DeviceHealth::good, "as before", wall_now());
        EXPECT_FALSE(Jobs{db}.start(job, wall_now())) << "it is not Scheduled";
        Devices{db}.note_check("board-1", job, wall_now());
        Workers{db}.update("bench", "under the desk", 3);
    });
    EXPECT_TRUE(take().empty());
}

TEST_F(ChangesTest, AWriteThatIsRolledBackTellsNothingAndItsNeighboursTellTheirs) {
    const auto job = lab.add_job(a_job(alice));
    take();
    auto broken = [job](Database& db) {
        Devices{db}.set_health("board-1", DeviceHealth::bad, "never", wall_now());
        Jobs{db}.cancel_queued(job, "never", wall_now());
        throw JobError{"no"};
    };
    EXPECT_THROW(lab.write(broken), JobError);
    EXPECT_TRUE(take().empty());
    lab.write([](Database& db) { Devices{db}.set_health("board-2", DeviceHealth::bad, "smokes", wall_now()); });
    EXPECT_EQ(only<DeviceNews>(), (DeviceNews{"board-2", DeviceState::idle, DeviceHealth::bad, {}}));
}

TEST_F(ChangesTest, ADeviceThatIsGivenBackAndJudgedByOneWriteIsToldOnce) {
    const auto job = lab.add_job(a_job(alice));
    lab.write([job](Database& db) { Devices{db}.reserve("board-1", job); });
    take();
    lab.write([job](Database& db) {
        Devices{db}.release("board-1", job);
        Jobs{db}.cancel_queued(job, "over", wall_now());
        Devices{db}.judge("board-1", DeviceHealth::unknown, "in doubt", wall_now());
    });
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(std::get<DeviceNews>(told[0]), (DeviceNews{"board-1", DeviceState::idle, DeviceHealth::unknown, job}));
    EXPECT_EQ(std::get<JobNews>(told[1]).state, JobState::finished);
}

TEST_F(ChangesTest, AWorkersHealthIsToldWithItsDevices) {
    lab.write([](Database& db) { Workers{db}.set_health("bench", WorkerHealth::retired, wall_now()); });
    ASSERT_EQ(told.size(), 3U);
    EXPECT_EQ(std::get<WorkerNews>(told[0]), (WorkerNews{"bench", WorkerHealth::retired}));
    EXPECT_EQ(std::get<DeviceNews>(told[1]).health, DeviceHealth::retired);
    EXPECT_EQ(std::get<DeviceNews>(told[2]).device, "board-2");
}

TEST_F(ChangesTest, AWorkerThatGoesOfflineIsTold) {
    lab.write([](Database& db) { db.change("UPDATE worker SET state = 1 WHERE hostname = 'bench'"); });
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(std::get<WorkerNews>(told[0]), (WorkerNews{"bench", WorkerHealth::active, WorkerState::offline}));
}

TEST_F(ChangesTest, WhatIsToldIsInTheStoreByThen) {
    std::vector<bool> readable;
    lab.store->on_changes([&](const std::vector<Change>& changes) {
        for (const auto& change : changes) {
            const auto& job = std::get<JobNews>(change);
            const auto status = Jobs{lab.reader()}.status(job.job);
            readable.push_back(status && status->state == job.state);
        }
    });
    for (int i = 0; i < 5; ++i) lab.add_job(a_job(alice));
    EXPECT_EQ(readable, std::vector<bool>(5, true));
}

TEST_F(ChangesTest, AMessageIsToldOnceAndStoredNowhere) {
    const auto job = lab.add_job(a_job(alice));
    take();
    lab.write([job](Database& db) { note_message(db, job, "half way"); });
    EXPECT_EQ(only<JobMessage>(), (JobMessage{job, "half way"}));
    take();
    lab.write([](Database&) {});
    EXPECT_TRUE(take().empty());
}

TEST_F(ChangesTest, ManyWritesOfOneGroupAreToldInTheirOrder) {
    constexpr int many = 300;
    int left = many;
    for (int i = 0; i < many; ++i) {
        auto add = [job = a_job(alice)](Database& db) { return Jobs{db}.insert(job, wall_now()); };
        asio::co_spawn(lab.io, lab.store->write(std::move(add)), [&left](std::exception_ptr, JobId) { --left; });
    }
    lab.io.restart();
    while (left > 0 && lab.io.run_one() > 0) {
    }
    ASSERT_EQ(told.size(), std::size_t{many});
    for (std::size_t i = 1; i < told.size(); ++i)
        EXPECT_EQ(std::get<JobNews>(told[i]).job.value, std::get<JobNews>(told[i - 1]).job.value + 1);
}

}  // namespace
}  // namespace patchbay
