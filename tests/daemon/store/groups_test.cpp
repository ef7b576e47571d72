// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/groups.hpp"

#include <gtest/gtest.h>

#include "daemon/store/permissions.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;
using Names = std::vector<std::string>;

class GroupsTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId alice = lab.add_user("alice");
    UserId bob = lab.add_user("bob");
    Groups groups{lab.reader()};

    template <class Change>
    auto change(Change change) {
        auto work = [change](Database& db) { return change(Groups{db}); };
        return lab.write(std::move(work));
    }
    GroupId add(const std::string& name) {
        return change([name](Groups all) { return all.add(name); });
    }
    bool join(UserId user, GroupId group) {
        return change([=](Groups all) { return all.join(user, group); });
    }
    Names groups_of(UserId user) {
        Names names;
        for (const auto& group : groups.of(user)) names.push_back(group.name);
        return names;
    }
};

TEST_F(GroupsTest, NamesAreCheckedAndUnique) {
    const auto lab_group = add("lab");
    EXPECT_EQ(groups.find("lab")->id, lab_group);
    EXPECT_EQ(groups.find(lab_group)->name, "lab");
    EXPECT_FALSE(groups.find("Lab"));
    EXPECT_THROW(add("lab"), JobError);
    for (const std::string bad : {"", " a", "a ", "a\nb", "a\tb", "\x7f"}) EXPECT_THROW(add(bad), JobError) << bad;
    EXPECT_THROW(add(std::string(151, 'g')), JobError);
    EXPECT_NO_THROW(add(std::string(150, 'g')));
    EXPECT_NO_THROW(add("Kernel CI, guests"));
    EXPECT_EQ(groups.count(), 3);
    EXPECT_EQ(groups.list(1, 1).at(0).name, std::string(150, 'g')) << "by name";
    const auto found = change([](Groups all) { return all.find_or_add("lab"); });
    EXPECT_EQ(found, lab_group);
}

TEST_F(GroupsTest, AUserIsInAnyNumberOfGroups) {
    const auto owners = add("owners"), guests = add("guests");
    EXPECT_TRUE(join(alice, owners));
    EXPECT_FALSE(join(alice, owners)) << "is in it already";
    EXPECT_TRUE(join(alice, guests));
    EXPECT_TRUE(join(bob, guests));
    EXPECT_EQ(groups_of(alice), (Names{"guests", "owners"}));
    EXPECT_EQ(groups_of(bob), (Names{"guests"}));
    EXPECT_EQ(groups.members(guests), (Names{"alice", "bob"}));
    auto leave = [this, owners](Groups all) { return all.leave(alice, owners); };
    EXPECT_TRUE(change(leave));
    EXPECT_FALSE(change(leave));
    EXPECT_EQ(groups_of(alice), (Names{"guests"}));
    EXPECT_THROW(join(UserId{99}, owners), RefusedError);
    EXPECT_THROW(join(bob, GroupId{99}), RefusedError);
}

TEST_F(GroupsTest, ARemovedGroupTakesItsMembershipsAlongAndItsNumberIsNotUsedAgain) {
    const auto guests = add("guests");
    join(bob, guests);
    auto remove = [guests](Groups all) { return all.remove(guests); };
    EXPECT_TRUE(change(remove));
    EXPECT_FALSE(change(remove));
    EXPECT_TRUE(groups_of(bob).empty());
    EXPECT_NE(add("guests"), guests);
}

TEST_F(GroupsTest, AGroupThatHasPermissionsIsNotRemoved) {
    lab.add_devices({a_device("board1", "board")});
    const auto owners = add("owners");
    auto grant = [owners](Database& db) {
        return Permissions{db}.grant(Restrictable::device, "board1", Permission::view, owners);
    };
    const auto permission = lab.write(grant);
    auto remove = [owners](Groups all) { return all.remove(owners); };
    try {
        change(remove);
        FAIL() << "board1 would be seen by everybody";
    } catch (const JobError& error) {
        EXPECT_STREQ(error.what(),
                     "group 'owners': still has permissions on 'board1'; delete them first, see `patchbayd permission "
                     "list`: what no group may see is everybody's");
    }
    auto revoke = [permission](Database& db) { return Permissions{db}.revoke(Restrictable::device, permission); };
    EXPECT_TRUE(lab.write(revoke));
    EXPECT_TRUE(change(remove));
}

}  // namespace
}  // namespace patchbay
