// SPDX-License-Identifier: Apache-2.0
// Multinode groups below the lab's rules: these hold for a group as for the jobs that it is made of, all at once.
#include <gmock/gmock.h>

#include "daemon/schedule/group_decision.hpp"
#include "daemon/schedule/preemption.hpp"
#include "daemon/schedule/queue_limits.hpp"
#include "daemon/schedule/why.hpp"
#include "daemon/store/device_types.hpp"
#include "daemon/store/multinode_groups.hpp"
#include "daemon/store/reservations.hpp"
#include "tests/daemon/schedule/sharing_lab.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class GroupSharingTest : public SharingLab {
protected:
    int names = 0;

    /// The first of its jobs; the others follow.
    JobId submit_group(UserId who, std::vector<std::string> types, int priority = 50) {
        constexpr auto text = "job_name: p\nprotocols:\n  lava-multinode:\n    role: node\n    target_group: g\n";
        NewGroup group{"group-" + std::to_string(++names), "whole", {}};
        for (auto& type : types) {
            NewPart part{a_job(who, std::move(type), priority), "role-" + std::to_string(group.parts.size()), false};
            part.job.run_limit = 1h;
            part.job.definition = part.job.original_definition = text;
            group.parts.push_back(std::move(part));
        }
        auto write = [this, group](Database& db) { return MultinodeGroups{db}.insert(group, now); };
        return lab.write(std::move(write)).front().job;
    }
    /// "1 qemu-1", "2 qemu-2" of one decision.
    std::vector<std::string> taken(const std::string& type = "qemu") {
        std::vector<std::string> all;
        for (const auto& lease : claim_group(type)) all.push_back(std::to_string(lease.job.value) + " " + lease.device);
        return all;
    }
    WaitingReasons why(JobId job) {
        Viewer superuser;
        superuser.superuser = true;
        return why_waits(lab.reader(), *Jobs{lab.reader()}.find(job), now, rules, superuser);
    }
    void add_boards_and_a_rock(int boards) {
        std::vector<ConfiguredDevice> devices{a_device("rock-1", "rock")};
        for (int i = 1; i <= boards; ++i) devices.push_back(a_device("qemu-" + std::to_string(i)));
        lab.add_devices(devices);
    }
    void set_health(std::string device, DeviceHealth health) {
        auto write = [device, health](Database& db) { Devices{db}.set_health(device, health, "test", wall_now()); };
        lab.write(std::move(write));
    }
    void reserve(UserId user, const std::string& device) {
        Reservation wanted;
        wanted.device = device;
        wanted.user = user;
        wanted.until = now + 24h;
        auto write = [this, wanted](Database& db) { return Reservations{db}.put(wanted, now); };
        ASSERT_TRUE(lab.write(std::move(write)));
    }
};

TEST_F(GroupSharingTest, ACapCountsAllJobsOfTheGroup) {
    add_boards(5);
    limit("  max_running: 3\n");
    submit(guest);
    EXPECT_EQ(claimed(), "guest on qemu-1");
    const auto three = submit_group(guest, {"qemu", "qemu", "qemu"});
    submit_group(other, {"qemu", "qemu"}, 0);
    EXPECT_THAT(taken(), ElementsAre("5 qemu-2", "6 qemu-3")) << "the larger group holds up nobody";
    EXPECT_THAT(taken(), IsEmpty());
    const auto answer = why(three);
    ASSERT_TRUE(answer.always);
    EXPECT_EQ(answer.always->hindrance, Hindrance::max_running);
    EXPECT_THAT(answer.always->text, HasSubstr("with the other jobs of the group, 5 jobs of these users"));
}

TEST_F(GroupSharingTest, ACapOfOneTypeCountsTheJobsOfThatType) {
    add_boards_and_a_rock(3);
    limit("  device_types: {qemu: {max_running: 1}}\n");
    submit_group(guest, {"qemu", "qemu"});
    EXPECT_THAT(taken(), IsEmpty());
    submit_group(guest, {"qemu", "rock"});
    EXPECT_THAT(taken("rock"), ElementsAre("3 qemu-1", "4 rock-1"));
}

TEST_F(GroupSharingTest, AShareAndDevicesKeptFreeHoldForAllItsJobs) {
    add_boards(4);
    limit("  max_share: 50%\n");
    submit_group(guest, {"qemu", "qemu", "qemu"});
    EXPECT_THAT(taken(), IsEmpty());
    limit("  keep_free: 2\n");
    EXPECT_THAT(taken(), IsEmpty());
    limit("  keep_free: 1\n");
    EXPECT_EQ(taken().size(), 3u);
    EXPECT_EQ(Devices{lab.reader()}.find("qemu-4")->state, DeviceState::idle);
}

TEST_F(GroupSharingTest, ReservedDevicesAreForTheirUsersGroups) {
    add_boards(3);
    reserve(owner, "qemu-2");
    submit_group(guest, {"qemu", "qemu", "qemu"});
    EXPECT_THAT(taken(), IsEmpty());
    submit_group(owner, {"qemu", "qemu"});
    EXPECT_THAT(taken(), ElementsAre("4 qemu-2", "5 qemu-1")) << "its own first: nobody else can use that";
}

TEST_F(GroupSharingTest, DevicesThatTheSubmitterMayNotUseAreNone) {
    add_boards(3);
    grant(lab, Restrictable::device, "qemu-1", Permission::submit, add_group(lab, "owners", {owner}));
    const auto three = submit_group(guest, {"qemu", "qemu", "qemu"});
    EXPECT_THAT(taken(), IsEmpty());
    EXPECT_EQ(why(three).devices.at(0).refusal->hindrance, Hindrance::permission);
    submit_group(guest, {"qemu", "qemu"});
    EXPECT_THAT(taken(), ElementsAre("4 qemu-2", "5 qemu-3"));
}

TEST_F(GroupSharingTest, ARoleThatNamesItsDeviceHasThatOrNone) {
    add_boards(3);
    submit(owner);
    ASSERT_EQ(claimed(), "owner on qemu-1");
    const auto waiting = submit_group(owner, {"qemu", "qemu"});
    auto pin = [waiting](Database& db) {
        db.change("UPDATE job SET requested_device = 'qemu-1' WHERE id = $1", waiting);
    };
    lab.write(std::move(pin));
    EXPECT_THAT(taken(), IsEmpty());
    const auto answer = why(waiting);
    EXPECT_EQ(answer.devices.at(1).refusal->text, "the job wants device qemu-1");
    EXPECT_FALSE(answer.group.at(0).has_device);
    EXPECT_TRUE(answer.group.at(1).has_device);
    end(*Leases{lab.reader()}.open_lease_of(JobId{1}));
    EXPECT_THAT(taken(), ElementsAre("2 qemu-1", "3 qemu-2"));
    const auto elsewhere = submit_group(owner, {"qemu"});
    auto move = [elsewhere](Database& db) {
        db.change("UPDATE job SET requested_worker = 'away' WHERE id = $1", elsewhere);
    };
    lab.write(std::move(move));
    EXPECT_THAT(taken(), IsEmpty());
    EXPECT_EQ(why(elsewhere).devices.at(2).refusal->text, "the job wants a device of worker away");
}

TEST_F(GroupSharingTest, AClosedWindowHoldsAGroupUntilItOpens) {
    add_boards(2);
    limit("  windows: [\"19:00-07:00\"]\n");
    const auto group = submit_group(guest, {"qemu", "qemu"});
    EXPECT_THAT(taken(), IsEmpty());
    EXPECT_EQ(why(group).devices.at(0).refusal->hindrance, Hindrance::window);
    EXPECT_EQ(next_chance(lab.reader(), "qemu", now, rules), now + 7h);
    now += 7h;
    EXPECT_EQ(taken().size(), 2u);
}

TEST_F(GroupSharingTest, ADeviceWithItsOwnHoursIsTakenInThem) {
    add_boards(3);
    limit("  devices: {qemu-1: {windows: []}}\n");
    submit_group(guest, {"qemu", "qemu"});
    EXPECT_THAT(taken(), ElementsAre("1 qemu-2", "2 qemu-3"));
}

TEST_F(GroupSharingTest, NothingIsKeptForAGroupThatMayNotBegin) {
    add_boards(1);
    limit("  max_running: 1\n");
    submit_group(guest, {"qemu", "qemu"}, 100);
    now += group_patience;
    submit(owner, 0);
    EXPECT_EQ(claimed(), "owner on qemu-1");
}

TEST_F(GroupSharingTest, DevicesInMaintenanceBadOrRetiredAreNone) {
    add_boards(4);
    set_health("qemu-1", DeviceHealth::maintenance);
    set_health("qemu-2", DeviceHealth::bad);
    set_health("qemu-3", DeviceHealth::retired);
    const auto group = submit_group(owner, {"qemu", "qemu"});
    EXPECT_THAT(taken(), IsEmpty());
    EXPECT_EQ(Devices{lab.reader()}.find("qemu-4")->state, DeviceState::idle) << "a waiting group holds none";
    EXPECT_EQ(why(group).devices.at(0).refusal->hindrance, Hindrance::health);
    set_health("qemu-1", DeviceHealth::good);
    EXPECT_THAT(taken(), ElementsAre("1 qemu-1", "2 qemu-4"));
}

TEST_F(GroupSharingTest, ACheckThatIsDueGoesFirstOnEveryTypeOfTheGroup) {
    add_boards_and_a_rock(1);
    auto configure = [](Database& db) { HealthChecks{db}.configure({a_check("rock")}); };
    lab.write(configure);
    submit_group(owner, {"qemu", "rock"});
    const auto check = claim();
    ASSERT_TRUE(check);
    EXPECT_EQ(check->device, "rock-1");
    EXPECT_TRUE(Jobs{lab.reader()}.find(check->job)->health_check);
    EXPECT_THAT(taken(), IsEmpty()) << "the group waits for it";
    EXPECT_EQ(Devices{lab.reader()}.find("qemu-1")->state, DeviceState::idle);
}

TEST_F(GroupSharingTest, ATypeThatIsNotDisplayedHoldsTheWholeGroup) {
    add_boards_and_a_rock(1);
    DeviceTypeProperties hidden;
    hidden.display = false;
    auto hide = [hidden](Database& db) { DeviceTypes{db}.update("rock", hidden); };
    lab.write(std::move(hide));
    const auto group = submit_group(owner, {"qemu", "rock"});
    EXPECT_THAT(taken("qemu"), IsEmpty());
    EXPECT_THAT(taken("rock"), IsEmpty());
    EXPECT_EQ(why(group).always->text, "devices of type 'rock', which is not displayed, take no jobs");
}

TEST_F(GroupSharingTest, NobodyStopsForAGroupAndNoneOfAGroupStopsForOthers) {
    add_boards(2);
    limit("  preemptible: {after: 10m}\n");
    const auto stop = [this] {
        auto write = [this](Database& db) { return stop_for_others(db, "qemu", now, rules); };
        return lab.write(std::move(write));
    };
    submit_group(guest, {"qemu", "qemu"});
    EXPECT_EQ(taken().size(), 2u);
    submit(owner);
    now += 1h;
    EXPECT_THAT(stop(), IsEmpty()) << "half a group is of no use to the other half";
    end(*Leases{lab.reader()}.open_lease_of(JobId{1}));
    end(*Leases{lab.reader()}.open_lease_of(JobId{2}));
    EXPECT_EQ(claimed(), "owner on qemu-1");
    submit(guest);
    EXPECT_EQ(claimed(), "guest on qemu-2");
    submit_group(owner, {"qemu"});
    now += 1h;
    EXPECT_THAT(stop(), IsEmpty());
}

TEST_F(GroupSharingTest, WhyNamesTheJobsOfTheGroupThatHaveNoDevice) {
    add_boards_and_a_rock(3);
    submit(owner, 100, 1h, "rock");
    ASSERT_EQ(claimed("rock"), "owner on rock-1");
    const auto first = submit_group(owner, {"qemu", "rock", "qemu"});
    const auto answer = why(first);
    ASSERT_EQ(answer.group.size(), 3u);
    EXPECT_EQ(answer.group[0].sub_id, "2.0");
    EXPECT_EQ(answer.group[1].role, "role-1");
    EXPECT_EQ(answer.group[1].device_type, "rock");
    EXPECT_TRUE(answer.group[0].has_device);
    EXPECT_FALSE(answer.group[1].has_device);
    EXPECT_TRUE(answer.group[2].has_device);
    EXPECT_EQ(answer.devices.at(0).refusal->hindrance, Hindrance::group) << "its own would be free";
    EXPECT_EQ(why(JobId{3}).devices.at(0).refusal->hindrance, Hindrance::busy);
}

TEST_F(GroupSharingTest, WhySaysThatADeviceIsKeptForAGroup) {
    add_boards(2);
    submit(owner);
    ASSERT_EQ(claimed(), "owner on qemu-1");
    const auto group = submit_group(owner, {"qemu", "qemu"});
    now += group_patience;
    const auto single = submit(owner);
    EXPECT_EQ(claimed(), "");
    const auto answer = why(single).devices.at(1);
    EXPECT_EQ(answer.refusal->text, "is kept for a multinode group that has waited long");
    EXPECT_EQ(answer.job, group);
    EXPECT_EQ(why(group).devices.at(1).refusal->hindrance, Hindrance::group) << "it is the one";
}

TEST_F(GroupSharingTest, AGroupFillsAQueueWithAllItsJobs) {
    QueueLimits limits;
    limits.user = 3;
    submit(guest);
    EXPECT_NO_THROW(check_queue(lab.reader(), guest, limits, 2));
    try {
        check_queue(lab.reader(), guest, limits, 3);
        FAIL() << "four jobs where three may wait";
    } catch (const QueueFull& full) {
        EXPECT_THAT(full.what(), HasSubstr("of yours 1 jobs wait already, and with the 3 of this group there would be "
                                           "more than the 3 that one user may queue"));
    }
}

}  // namespace
}  // namespace patchbay
