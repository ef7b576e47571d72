// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/leases.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class LeasesTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    LeasesTest() {
        const auto alice = lab.add_user("alice");
        lab.add_devices({a_device("qemu-01"), a_device("qemu-02")});
        lab.add_job(a_job(alice));
        lab.add_job(a_job(alice));
    }
    LeaseRow insert(JobId job, std::string device) {
        auto write = [job, device](Database& db) { return Leases{db}.insert(job, device, wall_now()); };
        return lab.write(std::move(write));
    }
    bool close(LeaseRow lease) {
        auto write = [lease](Database& db) { return Leases{db}.close(lease.id, lease.fence, wall_now()); };
        return lab.write(std::move(write));
    }
};

TEST_F(LeasesTest, EachLeaseOfADeviceHasAHigherFence) {
    const auto first = insert(JobId{1}, "qemu-01");
    EXPECT_EQ(first.fence.value, 1);
    EXPECT_EQ(insert(JobId{2}, "qemu-02").fence.value, 1);
    EXPECT_TRUE(close(first));
    const auto second = insert(JobId{1}, "qemu-01");
    EXPECT_EQ(second.fence.value, 2);
    EXPECT_EQ(second.attempt, 2);
    EXPECT_EQ(Leases{lab.reader()}.attempts(JobId{1}).size(), 2U) << "the first attempt stays";
}

TEST_F(LeasesTest, ADeviceHasOneOpenLease) {
    insert(JobId{1}, "qemu-01");
    EXPECT_THROW(insert(JobId{2}, "qemu-01"), StoreError);
    EXPECT_EQ(Leases{lab.reader()}.open_leases().size(), 1U);
}

TEST_F(LeasesTest, AnUnknownDeviceHasNoLease) { EXPECT_THROW(insert(JobId{1}, "nobody"), StoreError); }

TEST_F(LeasesTest, AWriteWithAnotherFenceOrAfterTheEndChangesNothing) {
    const auto lease = insert(JobId{1}, "qemu-01");
    auto write = [lease](Database& db) {
        Leases leases{db};
        const Fence old{lease.fence.value - 1};
        EXPECT_FALSE(leases.set_offset(lease.id, old, 10));
        EXPECT_FALSE(leases.set_runner(lease.id, old, 1, 2));
        EXPECT_FALSE(leases.set_phase(lease.id, old, LeaseRow::Phase::running));
        EXPECT_FALSE(leases.set_folder(lease.id, old, "/x"));
        EXPECT_FALSE(leases.close(lease.id, old, wall_now()));
        EXPECT_TRUE(leases.set_folder(lease.id, lease.fence, "/leases/1"));
        EXPECT_TRUE(leases.set_runner(lease.id, lease.fence, 77, 88));
        EXPECT_TRUE(leases.set_phase(lease.id, lease.fence, LeaseRow::Phase::running));
        EXPECT_TRUE(leases.set_offset(lease.id, lease.fence, 10));
    };
    lab.write(write);
    const auto row = Leases{lab.reader()}.open_lease_of(JobId{1});
    ASSERT_TRUE(row);
    EXPECT_EQ(row->folder, "/leases/1");
    EXPECT_EQ(row->runner_pid, 77);
    EXPECT_EQ(row->runner_start, 88);
    EXPECT_EQ(row->journal_offset, 10);
    EXPECT_EQ(row->phase, LeaseRow::Phase::running);
    EXPECT_TRUE(close(lease));
    EXPECT_FALSE(close(lease));
    auto late = [lease](Database& db) { return Leases{db}.set_offset(lease.id, lease.fence, 20); };
    EXPECT_FALSE(lab.write(late));
    EXPECT_TRUE(Leases{lab.reader()}.open_leases().empty());
}

}  // namespace
}  // namespace patchbay
