// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/permissions.hpp"

#include <gtest/gtest.h>

#include "daemon/store/groups.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;
using enum Permission;
using enum Restrictable;
using Names = std::vector<std::string>;

class PermissionsTest : public ::testing::Test {
protected:
    PermissionsTest() { lab.add_devices({a_device("board1", "board")}); }

    TemporaryStore lab;
    UserId alice = lab.add_user("alice");
    GroupId owners = add_group("owners"), guests = add_group("guests");
    Permissions permissions{lab.reader()};

    GroupId add_group(const std::string& name) {
        auto add = [name](Database& db) { return Groups{db}.add(name); };
        return lab.write(std::move(add));
    }
    template <class Change>
    auto write(Change change) {
        auto work = [change](Database& db) { return change(Permissions{db}); };
        return lab.write(std::move(work));
    }
    PermissionId grant(Restrictable kind, const std::string& object, Permission permission, GroupId group) {
        return write([=](Permissions all) { return all.grant(kind, object, permission, group); });
    }
};

TEST_F(PermissionsTest, TheyHaveLavasNames) {
    EXPECT_EQ(codename(device, view), "view_device");
    EXPECT_EQ(codename(device, submit), "submit_to_device");
    EXPECT_EQ(codename(device_type, change), "change_devicetype");
    EXPECT_EQ(permission_named(device_type, "submit_to_devicetype"), submit);
    EXPECT_FALSE(permission_named(device_type, "view_device"));
    EXPECT_FALSE(permission_named(device, "View_device"));
}

TEST_F(PermissionsTest, WhatLavaHasAndNobodyIsGivenIsNamedWithTheReason) {
    const auto refusal = [&](const std::string& name) -> std::string {
        try {
            write([=, this](Permissions all) { return all.grant_everywhere(alice, name); });
        } catch (const JobError& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_EQ(refusal("lava_scheduler_app.delete_device"),
              "permission 'lava_scheduler_app.delete_device': is given to nobody: devices come and go with the lab's "
              "configuration file (devices), and no permission changes it; change_device allows all else");
    EXPECT_EQ(refusal("lava_scheduler_app.delete_testjob"),
              "permission 'lava_scheduler_app.delete_testjob': is given to nobody: only superusers delete jobs");
    for (const auto name : global_permissions()) EXPECT_EQ(why_not_granted(name), "") << name;
    EXPECT_EQ(refusal("lava_scheduler_app.delete_tag"), "");
    EXPECT_TRUE(permissions.everywhere(alice) == Names{"lava_scheduler_app.delete_tag"});
}

TEST_F(PermissionsTest, AreGrantedOnceAndFoundByWhatIsAsked) {
    const auto first = grant(device, "board1", view, owners);
    EXPECT_EQ(grant(device, "board1", view, owners), first);
    grant(device, "board1", change, owners);
    grant(device, "board1", view, guests);
    const auto of_type = grant(device_type, "board", submit, guests);
    EXPECT_EQ(permissions.count(device, {}), 3);
    EXPECT_EQ(permissions.count(device, {.object = "board1", .permission = view}), 2);
    EXPECT_EQ(permissions.count(device, {.object = "board2"}), 0);
    const auto page = permissions.list(device, {.limit = 1, .offset = 1});
    ASSERT_EQ(page.size(), 1U);
    EXPECT_EQ(page[0].permission, change);
    EXPECT_EQ(page[0].group, (GroupRow{owners, "owners"}));
    EXPECT_EQ(permissions.list(device_type, {.group = guests}).at(0).id, of_type);
    EXPECT_EQ(permissions.find(device_type, of_type)->object, "board");
    EXPECT_FALSE(permissions.find(device, of_type)) << "an id of the other kind";
}

TEST_F(PermissionsTest, AreTakenAwayOnce) {
    const auto id = grant(device, "board1", view, owners);
    grant(device_type, "board", view, owners);
    EXPECT_FALSE(write([=](Permissions all) { return all.revoke(device_type, id); }));
    EXPECT_TRUE(write([=](Permissions all) { return all.revoke(device, id); }));
    EXPECT_FALSE(write([=](Permissions all) { return all.revoke(device, id); }));
    const auto by_name = [this](Permissions all) { return all.revoke(device_type, "board", view, owners); };
    EXPECT_TRUE(write(by_name));
    EXPECT_FALSE(write(by_name));
}

TEST_F(PermissionsTest, AreGrantedOnWhatTheLabHas) {
    EXPECT_THROW(grant(device, "board", view, owners), JobError) << "is a type";
    EXPECT_THROW(grant(device_type, "board1", view, owners), JobError) << "is a device";
    EXPECT_THROW(grant(device, "board1", view, GroupId{99}), RefusedError);
}

TEST_F(PermissionsTest, UsersHaveTheirOwnAndThoseOfTheirGroupsEverywhere) {
    const auto grant_all = [](Holder holder, const std::string& name) {
        return [=](Permissions all) { return all.grant_everywhere(holder, name); };
    };
    EXPECT_TRUE(write(grant_all(alice, "lava_scheduler_app.view_testjob")));
    EXPECT_FALSE(write(grant_all(alice, "lava_scheduler_app.view_testjob")));
    EXPECT_TRUE(write(grant_all(owners, "auth.add_user")));
    EXPECT_TRUE(write(grant_all(guests, "auth.view_user")));
    auto join = [this](Database& db) { Groups{db}.join(alice, owners); };
    lab.write(join);
    EXPECT_EQ(permissions.everywhere(alice), (Names{"lava_scheduler_app.view_testjob"}));
    EXPECT_EQ(permissions.everywhere(owners), (Names{"auth.add_user"}));
    EXPECT_EQ(permissions.all_everywhere(alice), (Names{"auth.add_user", "lava_scheduler_app.view_testjob"}));
    const auto revoke = [this](Permissions all) { return all.revoke_everywhere(owners, "auth.add_user"); };
    EXPECT_TRUE(write(revoke));
    EXPECT_FALSE(write(revoke));
    EXPECT_EQ(permissions.all_everywhere(alice), (Names{"lava_scheduler_app.view_testjob"}));
    try {
        write(grant_all(alice, "fly"));
        FAIL();
    } catch (const JobError& error) {
        EXPECT_TRUE(std::string{error.what()}.starts_with("permission 'fly': is none of auth.add_group, auth."));
    }
}

}  // namespace
}  // namespace patchbay
