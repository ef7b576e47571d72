// SPDX-License-Identifier: Apache-2.0
#include "daemon/events/time_uuid.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace patchbay {
namespace {

// 2026-11-22T08:44:47.606910 in a recording of LAVA 2023.01 was f918037a-e650-11f1; it was made some microseconds
// later.
TEST(TimeUuids, SayTheirTimeAsVersion1) {
    const WallTime recorded = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 8h + 44min + 47s + 606914us;
    TimeUuids uuids;
    const auto uuid = uuids.next(recorded);
    EXPECT_THAT(uuid, testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    EXPECT_EQ(uuid.substr(9, 9), "e650-11f1");
    EXPECT_EQ(uuid.substr(0, 4), "f918");
}

TEST(TimeUuids, AreNeverAlikeAlsoWhenTheClockIsSetBack) {
    TimeUuids uuids;
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(uuids.next(WallTime{std::chrono::seconds{1000 - i}}));
    EXPECT_EQ(seen.size(), 1000U);
    EXPECT_NE(TimeUuids{}.next(WallTime{}).substr(24), TimeUuids{}.next(WallTime{}).substr(24));
}

TEST(TimeUuids, TellNoAddressOfThisMachine) {
    const auto node = TimeUuids{}.next(WallTime{}).substr(24);
    EXPECT_EQ(std::stoul(node.substr(0, 2), nullptr, 16) & 1U, 1U) << "the bit that no network card has";
}

}  // namespace
}  // namespace patchbay
