// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/other_type.hpp"

#include <gtest/gtest.h>

#include "daemon/store/audit.hpp"
#include "daemon/store/portable_choices.hpp"
#include "daemon/store/reservations.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

/// Job 1 is in the queue of type a, whose device is in maintenance, and may run on type b.
class OtherTypeClaimTest : public ::testing::Test {
protected:
    OtherTypeClaimTest() {
        lab.add_devices({a_device("a-01", "a"), a_device("b-01", "b", {"usb"}), a_device("b-02", "b")});
        set_health("a-01", DeviceHealth::maintenance);
        job = lab.add_job(a_job(alice, "a"));
    }

    void may_run_on_b(const std::vector<std::string>& tags = {}) {
        auto there = a_job(alice, "b");
        for (const auto& tag : tags) there.tags.push_back(Devices{lab.reader()}.tag(tag)->id);
        auto insert = [this, there](Database& db) { PortableChoices{db}.insert(job, "a", "b", there); };
        lab.write(std::move(insert));
    }
    void set_health(const std::string& device, DeviceHealth health) {
        auto set = [device, health](Database& db) { return Devices{db}.set_health(device, health, {}, wall_now()); };
        lab.write(std::move(set));
    }
    void keep_for(UserId user, const std::string& device) {
        Reservation reservation;
        reservation.device = device;
        reservation.user = user;
        reservation.until = wall_now() + std::chrono::hours{1};
        auto put = [reservation](Database& db) { return Reservations{db}.put(reservation, wall_now()); };
        lab.write(std::move(put));
    }
    /// The device that it gets; empty: none.
    std::string claim() {
        const auto leases = lab.write([](Database& db) { return claim_from_other_type(db, "b", wall_now()); });
        return leases.empty() ? "" : leases.front().device;
    }
    std::string queue() { return *Jobs{lab.reader()}.find(job)->requested_device_type; }

    TemporaryStore lab;
    UserId alice = lab.add_user("alice"), bob = lab.add_user("bob");
    JobId job;
};

TEST_F(OtherTypeClaimTest, TakesTheDeviceWithTheFewestTags) {
    EXPECT_EQ(claim(), "") << "nothing says that it may run there";
    may_run_on_b();
    EXPECT_EQ(claim(), "b-02");
    EXPECT_EQ(queue(), "b");
    EXPECT_TRUE(PortableChoices{lab.reader()}.types_beside("a").empty());
}

TEST_F(OtherTypeClaimTest, WantsThereTheTagsOfTheJobThere) {
    may_run_on_b({"usb"});
    EXPECT_EQ(claim(), "b-01");
    const auto tags = Jobs{lab.reader()}.find(job)->tags;
    ASSERT_EQ(tags.size(), 1U);
    EXPECT_EQ(Devices{lab.reader()}.tag(tags[0])->name, "usb");
}

TEST_F(OtherTypeClaimTest, TakesNoDeviceThatIsKeptForAnother) {
    may_run_on_b();
    keep_for(bob, "b-01");
    keep_for(bob, "b-02");
    EXPECT_EQ(claim(), "");
    EXPECT_EQ(queue(), "a");
    set_health("b-01", DeviceHealth::bad);
    lab.write([](Database& db) { return Reservations{db}.remove("b-02"); });
    EXPECT_EQ(claim(), "b-02");
}

TEST_F(OtherTypeClaimTest, BelongsToItsOwnTypeWhenThatHasADevice) {
    may_run_on_b();
    set_health("a-01", DeviceHealth::good);
    EXPECT_EQ(claim(), "");
    EXPECT_EQ(queue(), "a");
}

TEST_F(OtherTypeClaimTest, MovesWholeOrNotAtAll) {
    may_run_on_b();
    lab.write([](Database& db) {
        db.execute("CREATE TRIGGER broken BEFORE INSERT ON lease BEGIN SELECT RAISE(ABORT, 'this one fails'); END");
    });
    EXPECT_THROW(claim(), StoreError);
    EXPECT_EQ(queue(), "a");
    EXPECT_TRUE(Audit{lab.reader()}.list({}).empty());
    lab.write([](Database& db) { db.execute("DROP TRIGGER broken"); });
    EXPECT_EQ(claim(), "b-02") << "the choice is still there";
    EXPECT_EQ(Audit{lab.reader()}.list({}).size(), 1U);
}

}  // namespace
}  // namespace patchbay
