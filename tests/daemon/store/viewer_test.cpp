// SPDX-License-Identifier: Apache-2.0
// Who sees which job: one by one, in lists, and as a number.
#include "daemon/store/viewer.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay {
namespace {

using namespace testing;
using enum Permission;
using enum Restrictable;
using Ids = std::vector<std::int64_t>;

class ViewerTest : public ::testing::Test {
protected:
    ViewerTest() { lab.add_devices({a_device("board1", "board"), a_device("board2", "board"), a_device("qemu1")}); }

    TemporaryStore lab;
    UserId alice = lab.add_user("alice"), bob = lab.add_user("bob"), carol = lab.add_user("carol");
    UserId root = lab.add_user("root", true);

    Viewer viewer(const std::string& name) {
        return viewer_of(lab.reader(), name.empty() ? std::nullopt : Users{lab.reader()}.find(name));
    }
    JobId add(UserId submitter, const std::string& type, Visibility visibility = Visibility::everyone,
              std::vector<GroupId> groups = {}) {
        auto job = a_job(submitter, type);
        job.visibility = visibility;
        job.viewing_groups = std::move(groups);
        return lab.add_job(job);
    }
    void schedule(JobId job, const std::string& device) {
        auto work = [job, device](Database& db) { Jobs{db}.schedule(job, device); };
        lab.write(std::move(work));
    }
    /// Ids in the list; the same must come out one by one and as a number.
    Ids seen_by(const std::string& name, const Query& query = {}) {
        Jobs jobs{lab.reader()};
        const auto who = viewer(name);
        Ids ids;
        for (const auto id : jobs.ids(query, who)) ids.push_back(id.value);
        EXPECT_EQ(jobs.count(query, who), static_cast<std::int64_t>(ids.size())) << name;
        if (!query.conditions.empty()) return ids;
        for (std::int64_t id = 1; id <= jobs.count({}, viewer("root")); ++id)
            EXPECT_EQ(jobs.find(JobId{id}, who).has_value(), std::ranges::count(ids, id) == 1) << name << " " << id;
        return ids;
    }
};

TEST_F(ViewerTest, AJobOfGroupsIsSeenByWhoIsInAllOfThem) {
    const auto first = add_group(lab, "first", {alice, bob}), second = add_group(lab, "second", {bob});
    add(carol, "qemu", Visibility::groups, {first});
    add(carol, "qemu", Visibility::groups, {second, first});
    add(carol, "qemu", Visibility::groups, {first, second, first});
    add(carol, "qemu", Visibility::groups, {});
    EXPECT_EQ(seen_by("carol"), (Ids{4, 3, 2, 1})) << "the submitter, who is in none";
    EXPECT_EQ(seen_by("bob"), (Ids{3, 2, 1}));
    EXPECT_EQ(seen_by("alice"), (Ids{1}));
    EXPECT_EQ(seen_by(""), (Ids{}));
    EXPECT_EQ(seen_by("root"), (Ids{4, 3, 2, 1}));
    EXPECT_EQ(Jobs{lab.reader()}.find(JobId{3})->viewing_groups, (std::vector{first, second}));
    auto leave = [this, first](Database& db) { Groups{db}.leave(bob, first); };
    lab.write(leave);
    EXPECT_EQ(seen_by("bob"), (Ids{}));
}

TEST_F(ViewerTest, APersonalJobIsThatOfTheGroupWithTheSubmittersName) {
    add(alice, "qemu", Visibility::personal);
    const auto group = Groups{lab.reader()}.find("alice");
    ASSERT_TRUE(group);
    EXPECT_EQ(Jobs{lab.reader()}.find(JobId{1})->viewing_groups, std::vector{group->id});
    EXPECT_EQ(seen_by("alice"), (Ids{1}));
    EXPECT_EQ(seen_by("bob"), (Ids{}));
    add_group(lab, "alice", {bob});
    EXPECT_EQ(seen_by("bob"), (Ids{1}));
}

TEST_F(ViewerTest, WithARemovedGroupNobodyNewSeesItsJobs) {
    const auto first = add_group(lab, "first", {bob}), second = add_group(lab, "second", {bob});
    add(alice, "qemu", Visibility::groups, {first, second});
    auto remove = [second](Database& db) { Groups{db}.remove(second); };
    lab.write(remove);
    EXPECT_EQ(seen_by("bob"), (Ids{})) << "being in the other one is not enough";
    add_group(lab, "second", {bob});
    EXPECT_EQ(seen_by("bob"), (Ids{})) << "a group of the same name is another";
    EXPECT_EQ(seen_by("alice"), (Ids{1}));
}

TEST_F(ViewerTest, APublicJobIsSeenByWhoSeesItsDeviceOrWithoutOneItsType) {
    const auto owners = add_group(lab, "lab", {alice}), guests = add_group(lab, "guests", {bob});
    grant(lab, device_type, "board", view, owners);
    const auto job = add(alice, "board");
    add(carol, "qemu");
    EXPECT_EQ(seen_by("alice"), (Ids{2, 1}));
    EXPECT_EQ(seen_by("bob"), (Ids{2}));
    EXPECT_EQ(seen_by(""), (Ids{2}));
    EXPECT_EQ(seen_by("root"), (Ids{2, 1}));
    grant(lab, device, "board1", view, guests);
    EXPECT_EQ(seen_by("bob"), (Ids{2})) << "it waits, and bob does not see the type";
    schedule(job, "board1");
    EXPECT_EQ(seen_by("bob"), (Ids{2, 1}));
    EXPECT_EQ(seen_by("alice"), (Ids{2, 1})) << "hers, though she does not see the device any more";
    EXPECT_EQ(seen_by("carol"), (Ids{2}));
    EXPECT_FALSE(viewer("alice").sees_device("board1"));
    EXPECT_TRUE(viewer("alice").sees_type("board"));
    EXPECT_TRUE(viewer("bob").sees_device("board1"));
    EXPECT_FALSE(viewer("bob").sees_type("board"));
}

TEST_F(ViewerTest, AGroupOfViewersWinsOverWhatIsHidden) {
    const auto owners = add_group(lab, "owners", {}), guests = add_group(lab, "guests", {bob});
    grant(lab, device_type, "board", view, owners);
    add(alice, "board", Visibility::groups, {guests});
    EXPECT_EQ(seen_by("bob"), (Ids{1}));
    EXPECT_EQ(seen_by("carol"), (Ids{}));
}

TEST_F(ViewerTest, WhoMaySeeAllJobsOrAllDevicesEverywhereDoes) {
    const auto owners = add_group(lab, "owners", {}), auditors = add_group(lab, "auditors", {bob});
    grant(lab, device_type, "board", view, owners);
    schedule(add(alice, "board"), "board2");
    add(alice, "qemu", Visibility::personal);
    grant_everywhere(lab, carol, "lava_scheduler_app.submit_to_device");
    EXPECT_EQ(seen_by("carol"), (Ids{1}));
    EXPECT_EQ(seen_by("bob"), (Ids{}));
    grant_everywhere(lab, auditors, "lava_scheduler_app.view_testjob");
    EXPECT_EQ(seen_by("bob"), (Ids{2, 1}));
}

TEST_F(ViewerTest, AJobWithoutATypeIsJudgedByItsDevice) {
    grant(lab, device_type, "board", view, add_group(lab, "owners", {bob}));
    auto check = a_job(root);
    check.requested_device_type.reset();
    check.health_check = true;
    const auto job = lab.add_job(check);
    schedule(job, "board1");
    EXPECT_EQ(seen_by(""), (Ids{}));
    EXPECT_EQ(seen_by("bob"), (Ids{1}));
}

TEST_F(ViewerTest, ListsAreFilteredByGroups) {
    const auto first = add_group(lab, "first", {alice, bob}), second = add_group(lab, "second", {bob});
    add(bob, "qemu", Visibility::groups, {first});
    add(alice, "qemu", Visibility::groups, {first, second});
    add(carol, "qemu");
    const auto where = [](std::string_view parameter, FilterValue value) {
        const auto name = *find_filter(QueryList::jobs, parameter);
        Query query;
        query.conditions.push_back({name.field, name.lookup, {std::move(value)}, name.negate, {}});
        return query;
    };
    EXPECT_EQ(seen_by("root", where("viewing_groups", second.value)), (Ids{2}));
    EXPECT_EQ(seen_by("root", where("viewing_groups__name", "first")), (Ids{2, 1}));
    EXPECT_EQ(seen_by("root", where("viewing_groups__name!", "first")), (Ids{3}));
    EXPECT_EQ(seen_by("", where("viewing_groups__name", "first")), (Ids{}));
    EXPECT_EQ(seen_by("root", where("submitter__group__name", "second")), (Ids{1}));
}

TEST_F(ViewerTest, CountsStayCheapForWhomNothingIsHidden) {
    const auto owners = add_group(lab, "owners", {alice});
    add(bob, "qemu", Visibility::groups, {owners});
    EXPECT_TRUE(Jobs::is_cheap({}, viewer("")));
    EXPECT_TRUE(Jobs::is_cheap({}, viewer("alice")));
    grant(lab, device, "board1", view, owners);
    EXPECT_TRUE(Jobs::is_cheap({}, viewer("alice")));
    EXPECT_TRUE(Jobs::is_cheap({}, viewer("root")));
    EXPECT_FALSE(Jobs::is_cheap({}, viewer("bob")));
    EXPECT_FALSE(Jobs::is_cheap({}, viewer("")));
}

}  // namespace
}  // namespace patchbay
