// SPDX-License-Identifier: Apache-2.0
// Rules of sharing as the decision keeps them.
#include "daemon/store/groups.hpp"
#include "tests/daemon/schedule/sharing_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;
using SharingTest = SharingLab;

TEST_F(SharingTest, NoMoreJobsOfTheRuleRunThanItsCap) {
    add_boards(4);
    limit("  max_running: 2\n");
    for (int i = 0; i < 3; ++i) submit(guest, 100);
    submit(other, 100);
    submit(owner, 0);
    const auto first = claim();
    ASSERT_TRUE(first);
    EXPECT_EQ(claimed(), "guest on qemu-2");
    EXPECT_EQ(claimed(), "owner on qemu-3") << "what comes first may not run, and holds up nobody";
    EXPECT_EQ(claimed(), "") << "the cap is of both users together, with a device left";
    end(*first);
    EXPECT_EQ(claimed(), "guest on qemu-4");
    EXPECT_EQ(claimed(), "");
}

TEST_F(SharingTest, ACapOfEachUserIsNotShared) {
    add_boards(4);
    limit("  max_running: 1\n  each: true\n");
    for (const auto user : {guest, guest, other, other}) submit(user);
    EXPECT_EQ(claimed(), "guest on qemu-1");
    EXPECT_EQ(claimed(), "other on qemu-2");
    EXPECT_EQ(claimed(), "");
}

TEST_F(SharingTest, AUserIsInTheRuleOfAGroup) {
    add_boards(3);
    rules = parse_sharing_rules("rules: [{name: students, groups: [students], max_running: 1}]", "sharing.yaml");
    submit(guest);
    submit(other);
    auto join = [this](Database& db) {
        const auto students = Groups{db}.find_or_add("students");
        Groups{db}.join(guest, students);
        Groups{db}.join(other, students);
    };
    lab.write(join);
    EXPECT_EQ(claimed(), "guest on qemu-1");
    EXPECT_EQ(claimed(), "");
    auto leave = [this](Database& db) { Groups{db}.leave(other, Groups{db}.find("students")->id); };
    lab.write(leave);
    EXPECT_EQ(claimed(), "other on qemu-2") << "who left the group is limited no more";
}

TEST_F(SharingTest, AJobThatIsStoppingStillCounts) {
    add_boards(2);
    limit("  max_running: 1\n");
    submit(guest);
    submit(guest);
    const auto lease = claim();
    auto cancel = [lease](Database& db) { Jobs{db}.cancel_running(lease->job, "enough"); };
    lab.write(std::move(cancel));
    EXPECT_EQ(claimed(), "") << "it has its device until it is over";
    end(*lease);
    EXPECT_EQ(claimed(), "guest on qemu-2");
}

TEST_F(SharingTest, AShareIsOfTheUsableDevicesOfTheType) {
    std::vector<ConfiguredDevice> boards;
    for (int i = 1; i <= 5; ++i) boards.push_back(a_device("rock-" + std::to_string(i), "rock"));
    boards.push_back(a_device("qemu-1"));
    lab.add_devices(boards);
    auto broken = [](Database& db) { Devices{db}.set_health("rock-5", DeviceHealth::bad, "no power", wall_now()); };
    lab.write(std::move(broken));
    limit("  max_share: 50%\n");
    for (int i = 0; i < 4; ++i) submit(guest, 50, 1h, "rock");
    submit(guest);
    EXPECT_NE(claimed("rock"), "");
    EXPECT_NE(claimed("rock"), "");
    EXPECT_EQ(claimed("rock"), "") << "half of the four that work";
    EXPECT_EQ(claimed("qemu"), "guest on qemu-1") << "another type has a share of its own, and one is at least one";
}

TEST_F(SharingTest, SomeDevicesStayFreeForOthers) {
    add_boards(3);
    limit("  keep_free: 1\n");
    for (int i = 0; i < 3; ++i) submit(guest);
    EXPECT_NE(claimed(), "");
    EXPECT_NE(claimed(), "");
    EXPECT_EQ(claimed(), "");
    submit(owner, 0);
    EXPECT_EQ(claimed(), "owner on qemu-3");
}

TEST_F(SharingTest, OutsideTheWindowNothingBegins) {
    add_boards(2);
    limit("  windows: [\"19:00-07:00\"]\n");
    submit(guest, 100);
    submit(owner, 0);
    EXPECT_EQ(claimed(), "owner on qemu-1");
    EXPECT_EQ(claimed(), "");
    EXPECT_EQ(next_chance(lab.reader(), "qemu", now, rules), now + 7h);
    now += 7h;
    EXPECT_EQ(claimed(), "guest on qemu-2");
}

TEST_F(SharingTest, AShortJobGoesBeforeALongOneThatWouldOutlastTheWindow) {
    add_boards(3);
    limit("  windows: [\"19:00-07:00\"]\n");
    now += 17h;  // 05:00: two hours are left
    const auto longer = submit(guest, 100, 3h);
    const auto exact = submit(guest, 50, 2h);
    auto unknown = a_job(guest, "qemu", 90);
    lab.add_job(unknown, now);
    EXPECT_EQ(claim()->job, exact);
    EXPECT_EQ(claimed(), "");
    now += 14h;  // the next evening
    EXPECT_EQ(claim()->job, longer);
}

TEST_F(SharingTest, ADeviceMayHaveAWindowOfItsOwn) {
    add_boards(3);
    limit("  windows: [\"19:00-07:00\"]\n  devices: {qemu-1: {windows: [\"Mon-Sun\"]}, qemu-2: {windows: []}}\n");
    for (int i = 0; i < 4; ++i) submit(guest);
    EXPECT_EQ(claimed(), "guest on qemu-1");
    EXPECT_EQ(claimed(), "");
    now += 7h;
    EXPECT_EQ(claimed(), "guest on qemu-3");
    EXPECT_EQ(claimed(), "") << "qemu-2 is never open";
    submit(owner);
    EXPECT_EQ(claimed(), "owner on qemu-2");
}

TEST_F(SharingTest, ATypeMayHaveLimitsOfItsOwn) {
    lab.add_devices({a_device("qemu-1"), a_device("rock-1", "rock"), a_device("rock-2", "rock")});
    limit("  windows: []\n  device_types: {rock: {windows: [\"Mon-Sun\"], max_running: 1}}\n");
    submit(guest);
    submit(guest, 50, 1h, "rock");
    submit(guest, 50, 1h, "rock");
    EXPECT_EQ(claimed(), "");
    EXPECT_EQ(claimed("rock"), "guest on rock-1");
    EXPECT_EQ(claimed("rock"), "");
}

TEST_F(SharingTest, DevicesThatARuleNamesTakeTurnsAndTagsAsOthers) {
    lab.add_devices({a_device("qemu-1", "qemu", {"usb"}), a_device("qemu-2"), a_device("qemu-3")});
    limit("  devices: {qemu-1: {windows: [\"Mon-Sun\"]}, qemu-2: {windows: [\"Mon-Sun\"]}}\n");
    for (int i = 0; i < 3; ++i) submit(guest);
    std::set<std::string> taken;
    taken.insert(claimed());
    taken.insert(claimed());
    EXPECT_EQ(taken, (std::set<std::string>{"guest on qemu-2", "guest on qemu-3"})) << "those without tags first";
    EXPECT_EQ(claimed(), "guest on qemu-1");
}

TEST_F(SharingTest, TheOrderOfSubmittersIsThatOfTheirJobs) {
    add_boards(1);
    const auto late = submit(owner, 50);
    now -= 1h;
    const auto early = submit(other, 50);
    const auto urgent = submit(guest, 51);
    for (const auto expected : {urgent, early, late}) {
        const auto lease = claim();
        EXPECT_EQ(lease->job, expected);
        end(*lease);
    }
}

TEST_F(SharingTest, OfDevicesThatAreAlikeOneIsRead) {
    for (const auto* order : {"ORDER BY tag_set LIMIT 1", "AND tag_set = '' ORDER BY last_fence, hostname LIMIT 1"}) {
        auto rows = lab.reader().prepare("EXPLAIN QUERY PLAN SELECT tag_set" + from_idle_devices() + order);
        std::string plan;
        while (rows->step()) plan += std::string{rows->text(3)} + "; ";
        EXPECT_NE(plan.find("COVERING INDEX device_idle (device_type=?"), std::string::npos) << plan;
        EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
    }
}

TEST_F(SharingTest, TheQueueOfSomebodyWhoMayNotRunIsNotRead) {
    // What the engine would do, not how long it takes.
    auto rows = lab.reader().prepare(std::string{"EXPLAIN QUERY PLAN "} + Queue::head_sql);
    std::string plan;
    while (rows->step()) plan += std::string{rows->text(3)} + "; ";
    EXPECT_NE(plan.find("COVERING INDEX job_queue (requested_device_type=? AND submitter_id=? AND tag_set=?)"),
              std::string::npos)
        << plan;
    EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
}

}  // namespace
}  // namespace patchbay
