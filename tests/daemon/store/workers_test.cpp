// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/workers.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class WorkersTest : public ::testing::Test {
protected:
    WorkersTest() {
        lab.add_devices({a_device("good"), a_device("bad"), a_device("soldering")});
        set_device("bad", DeviceHealth::bad);
        set_device("soldering", DeviceHealth::maintenance);
    }
    void set_device(std::string name, DeviceHealth health) {
        auto write = [name, health](Database& db) { Devices{db}.set_health(name, health, "test", wall_now()); };
        lab.write(std::move(write));
    }
    bool set(WorkerHealth health, std::string worker = "bench") {
        auto write = [health, worker](Database& db) { return Workers{db}.set_health(worker, health, wall_now()); };
        return lab.write(std::move(write));
    }
    DeviceHealth health(const std::string& device) { return Devices{lab.reader()}.find(device)->health; }

    TemporaryStore lab;
};

TEST_F(WorkersTest, MaintenanceLeavesTheDevicesAndItsEndPutsTheGoodOnesInDoubt) {
    set(WorkerHealth::maintenance);
    EXPECT_EQ(health("good"), DeviceHealth::good);
    set(WorkerHealth::active);
    EXPECT_EQ(health("good"), DeviceHealth::unknown);
    EXPECT_EQ(health("bad"), DeviceHealth::bad);
    EXPECT_EQ(health("soldering"), DeviceHealth::maintenance);
    EXPECT_EQ(Devices{lab.reader()}.health_history("good", 1)[0].reason.text, "worker bench is Active again");
    EXPECT_FALSE(set(WorkerHealth::active, "nobody"));
}

TEST_F(WorkersTest, ARetiredWorkerTakesItsDevicesAlongAndTheyStayRetired) {
    set(WorkerHealth::retired);
    EXPECT_EQ(health("good"), DeviceHealth::retired);
    EXPECT_EQ(health("soldering"), DeviceHealth::retired);
    EXPECT_EQ(health("bad"), DeviceHealth::bad);
    set(WorkerHealth::active);
    EXPECT_EQ(health("good"), DeviceHealth::retired);
}

TEST_F(WorkersTest, WhatWasSetStaysOverARestartAndAWorkerWithoutDevicesGoes) {
    auto update = [](Database& db) { return Workers{db}.update("bench", "under the desk", 3); };
    EXPECT_TRUE(lab.write(update));
    auto configure = [](Database& db) { Workers{db}.configure("bench"); };
    lab.write(configure);
    const auto worker = *Workers{lab.reader()}.find("bench");
    EXPECT_EQ(worker.description, "under the desk");
    EXPECT_EQ(worker.job_limit, 3);
    lab.add_devices({});
    auto rename = [](Database& db) { Workers{db}.configure("attic"); };
    lab.write(rename);
    EXPECT_FALSE(Workers{lab.reader()}.find("bench"));
    EXPECT_EQ(Workers{lab.reader()}.count({}), 1);
}

}  // namespace
}  // namespace patchbay
