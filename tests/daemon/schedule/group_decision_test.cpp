// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/group_decision.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "daemon/store/tag_set.hpp"

namespace patchbay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const auto submitted = WallTime{std::chrono::hours{1000}};
const auto soon = submitted + std::chrono::minutes{1};
const auto late = submitted + group_patience;

/// A group of parts that want these tags; `first` is its place in the order.
WaitingGroup group(std::int64_t first, std::vector<std::string> tag_sets, std::string type = "qemu") {
    WaitingGroup group;
    group.head = {"", JobId{first}, 50, submitted, UserId{}};
    for (auto& set : tag_sets) group.parts.push_back({JobId{first++}, type, std::move(set), {}, {}});
    return group;
}

std::vector<FreeDevice> devices(std::vector<std::pair<std::string, std::string>> names_and_tags) {
    std::vector<FreeDevice> free;
    for (auto& [name, tags] : names_and_tags) free.push_back({name, "qemu", tags, "bench"});
    return free;
}

TEST(GroupDecision, AGroupBeginsWhenEachPartHasADevice) {
    const std::vector groups{group(1, {"", ""})};
    EXPECT_FALSE(decide_groups(groups, devices({{"a", ""}}), soon).ready);
    const auto both = decide_groups(groups, devices({{"a", ""}, {"b", ""}}), soon);
    ASSERT_TRUE(both.ready);
    EXPECT_THAT(both.ready->devices, ElementsAre("a", "b"));
}

TEST(GroupDecision, ADeviceOfAnotherTypeIsNoHelp) {
    const std::vector groups{group(1, {""}, "imx8")};
    EXPECT_FALSE(decide_groups(groups, devices({{"a", ""}}), soon).ready);
}

TEST(GroupDecision, PartsThatCouldTakeEachOthersDeviceFindTheirOwn) {
    // The first that fits both is the only one that fits the second.
    const std::vector groups{group(1, {"", "7", "8"})};
    const auto all = decide_groups(groups, devices({{"both", "7,8"}, {"seven", "7"}, {"plain", ""}}), soon);
    ASSERT_TRUE(all.ready);
    EXPECT_THAT(all.ready->devices, ElementsAre("plain", "seven", "both"));
}

TEST(GroupDecision, ASmallerGroupPassesOneThatCannotBeginYet) {
    const std::vector groups{group(1, {"", "", ""}), group(10, {"", ""})};
    const auto decision = decide_groups(groups, devices({{"a", ""}, {"b", ""}}), soon);
    ASSERT_TRUE(decision.ready);
    EXPECT_EQ(decision.ready->group->head.job, JobId{10});
    EXPECT_THAT(decision.kept, IsEmpty());
}

TEST(GroupDecision, AfterItsPatienceDevicesAreKeptForTheBestGroup) {
    const std::vector groups{group(1, {"", "", ""}), group(10, {"", ""})};
    const auto decision = decide_groups(groups, devices({{"a", ""}, {"b", ""}}), late);
    EXPECT_FALSE(decision.ready);
    ASSERT_TRUE(decision.keeper);
    EXPECT_EQ(decision.keeper->head.job, JobId{1});
    EXPECT_THAT(decision.kept, ElementsAre("a", "b"));
}

TEST(GroupDecision, OnlyWhatTheKeeperCanUseIsKept) {
    const std::vector groups{group(1, {"7", "7"}), group(10, {"", ""})};
    const auto decision = decide_groups(groups, devices({{"a", ""}, {"b", ""}, {"c", "7"}}), late);
    EXPECT_THAT(decision.kept, ElementsAre("c"));
    ASSERT_TRUE(decision.ready) << "the others are free for the second group";
    EXPECT_THAT(decision.ready->devices, ElementsAre("a", "b"));
}

TEST(GroupDecision, OfSeveralImpatientGroupsOneKeepsDevices) {
    const std::vector groups{group(1, {"7", "7"}), group(10, {"8", "8"})};
    const auto decision = decide_groups(groups, devices({{"a", "7"}, {"b", "8"}}), late);
    EXPECT_THAT(decision.kept, ElementsAre("a"));
}

TEST(GroupDecision, ADeviceThatTheRulesCloseIsNotTaken) {
    std::vector groups{group(1, {"", ""})};
    groups[0].parts[0].closed = {"a", "b"};
    const auto decision = decide_groups(groups, devices({{"a", ""}, {"b", ""}, {"c", ""}}), soon);
    ASSERT_TRUE(decision.ready);
    EXPECT_THAT(decision.ready->devices, ElementsAre("c", "a"));
    groups[0].parts[1].closed = {"a", "b"};
    EXPECT_FALSE(decide_groups(groups, devices({{"a", ""}, {"b", ""}, {"c", ""}}), soon).ready);
}

TEST(GroupDecision, APartThatNamesItsDeviceGetsItHoweverTheOthersChoose) {
    std::vector groups{group(1, {"", ""})};
    groups[0].parts[1].only_device = "a";
    const auto two = devices({{"a", ""}, {"b", ""}});
    EXPECT_THAT(decide_groups(groups, two, soon).ready->devices, ElementsAre("b", "a"));
    groups[0].parts[1].only_device.clear();
    groups[0].parts[1].only_worker = "other";
    EXPECT_FALSE(decide_groups(groups, two, soon).ready);
}

TEST(GroupDecision, AWorkerRunsNoMoreJobsThanItMay) {
    const std::vector groups{group(1, {"", ""}), group(10, {""})};
    const auto two = devices({{"a", ""}, {"b", ""}});
    EXPECT_TRUE(decide_groups(groups, two, soon, {{"bench", 2}}).ready->group == &groups[0]);
    const auto decision = decide_groups(groups, two, late, {{"bench", 1}});
    ASSERT_TRUE(decision.ready);
    EXPECT_EQ(decision.ready->group, &groups[1]) << "what is smaller passes";
    EXPECT_FALSE(decision.keeper) << "a kept device would not help";
    EXPECT_FALSE(decide_groups(groups, two, soon, {{"bench", 0}}).ready);
    EXPECT_EQ(decide_groups(groups, two, soon, {{"other", 0}}).ready->group, &groups[0]);
}

/// The largest matching of a few parts by trying everything.
std::size_t largest(const std::vector<WaitingPart>& parts, std::vector<FreeDevice> devices, std::size_t from = 0) {
    if (from == parts.size()) return 0;
    auto best = largest(parts, devices, from + 1);
    for (std::size_t i = 0; i < devices.size(); ++i) {
        if (!covers(devices[i].tag_set, parts[from].tag_set)) continue;
        auto rest = devices;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
        best = std::max(best, 1 + largest(parts, rest, from + 1));
    }
    return best;
}

TEST(GroupDecision, NoWayToPlaceMorePartsIsMissed) {
    std::mt19937 random{20261125};
    const std::vector<std::string> sets{"", "1", "2", "3", "1,2", "2,3", "1,2,3"};
    const auto any = [&] { return sets[random() % sets.size()]; };
    for (int round = 0; round < 500; ++round) {
        std::vector<WaitingPart> parts(1 + random() % 4);
        for (auto& part : parts) part = {JobId{}, "qemu", any(), {}, {}};
        std::vector<FreeDevice> free(random() % 5);
        for (std::size_t i = 0; i < free.size(); ++i) free[i] = {"d" + std::to_string(i), "qemu", any(), "bench"};
        const auto places = match_parts(parts, free);
        std::size_t placed = 0;
        std::set<std::size_t> taken;
        for (std::size_t i = 0; i < places.size(); ++i) {
            if (!places[i]) continue;
            ++placed;
            EXPECT_TRUE(covers(free[*places[i]].tag_set, parts[i].tag_set));
            EXPECT_TRUE(taken.insert(*places[i]).second) << "two parts on one device";
        }
        EXPECT_EQ(placed, largest(parts, free)) << "round " << round;
    }
}

}  // namespace
}  // namespace patchbay
