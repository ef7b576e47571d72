// SPDX-License-Identifier: Apache-2.0
// LAVA's permissions (lava_scheduler_app/auth.py), question by question.
#include "daemon/store/rights.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;
using enum Permission;
using enum Restrictable;

class RightsTest : public ::testing::Test {
protected:
    RightsTest() { lab.add_devices({a_device("board1", "board"), a_device("board2", "board"), a_device("qemu1")}); }

    TemporaryStore lab;
    UserId alice = lab.add_user("alice"), bob = lab.add_user("bob"), root = lab.add_user("root", true);
    GroupId owners = add_group(lab, "owners", {alice}), guests = add_group(lab, "guests", {bob});

    Rights rights(const std::string& name) {
        if (name.empty()) return {lab.reader(), std::nullopt};
        return {lab.reader(), Users{lab.reader()}.find(name)};
    }
    bool is_closed(const std::string& name, const std::string& type, const std::string& device) {
        return rights(name).closed_devices(type).contains(device);
    }
    /// Which of "nobody", "alice", "bob" and "root" may do it with the device: "nab" and "r".
    std::string with(const std::string& device, Permission permission) {
        const std::string type = device == "qemu1" ? "qemu" : "board";
        std::string who;
        for (const std::string name : {"", "alice", "bob", "root"})
            if (rights(name).on_device(permission, device, type)) who += name.empty() ? 'n' : name.front();
        if (permission == submit) {  // the same question about all devices of a type at once
            for (const std::string name : {"", "alice", "bob", "root"})
                EXPECT_EQ(is_closed(name, type, device), who.find(name.empty() ? 'n' : name.front()) == who.npos)
                    << name;
        }
        return who;
    }
    std::string with_type(const std::string& type, Permission permission) {
        std::string who;
        for (const std::string name : {"", "alice", "bob", "root"})
            if (rights(name).on_type(permission, type)) who += name.empty() ? 'n' : name.front();
        return who;
    }
};

TEST_F(RightsTest, ByDefaultEverybodyViewsUsersSubmitAndSuperusersChange) {
    EXPECT_EQ(with("board1", view), "nabr");
    EXPECT_EQ(with("board1", submit), "abr");
    EXPECT_EQ(with("board1", Permission::change), "r");
    EXPECT_EQ(with_type("board", view), "nabr");
    EXPECT_EQ(with_type("board", submit), "abr");
    EXPECT_EQ(with_type("board", Permission::change), "r");
}

TEST_F(RightsTest, APermissionOnATypeRestrictsAllOfItsDevices) {
    grant(lab, device_type, "board", view, owners);
    EXPECT_EQ(with_type("board", view), "ar");
    EXPECT_EQ(with("board2", view), "ar");
    EXPECT_EQ(with("board2", submit), "abr") << "only what was granted is restricted";
    EXPECT_EQ(with("qemu1", view), "nabr");
    grant(lab, device_type, "board", submit, owners);
    EXPECT_EQ(with("board2", submit), "ar");
    grant(lab, device_type, "board", Permission::change, guests);
    EXPECT_EQ(with("board2", Permission::change), "br");
    EXPECT_EQ(with("board2", submit), "abr") << "who may change it may submit to it";
    EXPECT_EQ(with("board2", view), "abr") << "and see it";
}

TEST_F(RightsTest, APermissionOnADeviceCountsInsteadOfThoseOfTheKindOnItsType) {
    grant(lab, device_type, "board", view, owners);
    grant(lab, device, "board1", view, guests);
    EXPECT_EQ(with("board1", view), "br") << "the owners see the type, and not this device";
    EXPECT_EQ(with("board2", view), "ar");
    grant(lab, device, "board1", submit, guests);
    EXPECT_EQ(with("board1", submit), "br");
    EXPECT_EQ(with("board2", submit), "abr");
    grant(lab, device_type, "board", Permission::change, owners);
    EXPECT_EQ(with("board1", Permission::change), "ar");
    grant(lab, device, "board1", Permission::change, guests);
    EXPECT_EQ(with("board1", Permission::change), "br");
}

TEST_F(RightsTest, ToMayChangeAloneRestrictsNoViewing) {
    grant(lab, device, "board1", Permission::change, owners);
    EXPECT_EQ(with("board1", view), "nabr");
    EXPECT_EQ(with("board1", submit), "abr");
    EXPECT_EQ(with("board1", Permission::change), "ar");
}

TEST_F(RightsTest, WhatSomebodyHasEverywhereOverrulesRestrictions) {
    grant(lab, device_type, "board", submit, guests);
    grant(lab, device, "board1", submit, guests);
    EXPECT_EQ(with("board1", submit), "br");
    grant_everywhere(lab, alice, "lava_scheduler_app.change_device");
    EXPECT_EQ(with("board1", submit), "abr") << "change includes submit";
    EXPECT_EQ(with("qemu1", Permission::change), "ar");
    EXPECT_EQ(with_type("board", submit), "br") << "devices are not types";
    grant_everywhere(lab, owners, "lava_scheduler_app.submit_to_devicetype");
    EXPECT_EQ(with_type("board", submit), "abr");
}

TEST_F(RightsTest, AJobIsChangedByItsSubmitterAndByWhoMayChangeItsDeviceOrWithoutOneItsType) {
    const auto id = lab.add_job(a_job(bob, "board"));
    const auto changers = [&] {
        const auto job = *Jobs{lab.reader()}.find(id);
        std::string who;
        for (const std::string name : {"", "alice", "bob", "root"})
            if (rights(name).change_job(job)) who += name.empty() ? 'n' : name.front();
        return who;
    };
    EXPECT_EQ(changers(), "br");
    grant(lab, device_type, "board", Permission::change, owners);
    EXPECT_EQ(changers(), "abr");
    auto schedule = [id](Database& db) { Jobs{db}.schedule(id, "board1"); };
    lab.write(schedule);
    EXPECT_EQ(changers(), "abr");
    grant(lab, device, "board1", Permission::change, guests);
    EXPECT_EQ(changers(), "br") << "the device's own permission counts";
    grant_everywhere(lab, alice, "lava_scheduler_app.change_testjob");
    EXPECT_EQ(changers(), "abr");
}

}  // namespace
}  // namespace patchbay
