// SPDX-License-Identifier: Apache-2.0
#include "daemon/sharing/rules.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"

namespace patchbay {
namespace {

std::string problems(const std::string& text) {
    try {
        parse_sharing_rules(text, "sharing.yaml");
    } catch (const ConfigurationError& error) {
        return error.what();
    }
    return "";
}

TEST(SharingRules, AreReadWithAllTheirKeys) {
    const auto rules = read_sharing_rules(PATCHBAY_SOURCE_DIR "/examples/sharing.yaml");
    ASSERT_EQ(rules.rules.size(), 3U);
    EXPECT_EQ(rules.rules[0].name, "owners");
    const auto& guests = rules.rules[1];
    EXPECT_EQ(guests.name, "guests");
    EXPECT_EQ(guests.users, std::vector<std::string>{"kernelci"});
    EXPECT_EQ(guests.groups, std::vector<std::string>{"guests"});
    EXPECT_EQ(guests.max_priority, 40);
    EXPECT_EQ(guests.max_running, 8);
    EXPECT_EQ(guests.max_queued, 500);
    EXPECT_EQ(guests.max_job_time, std::chrono::hours{2});
    EXPECT_EQ(guests.queue_timeout, std::chrono::hours{6});
    EXPECT_EQ(guests.limits.max_share, 50);
    EXPECT_EQ(guests.limits.keep_free, 1);
    ASSERT_TRUE(guests.limits.hours);
    EXPECT_EQ(guests.limits.hours->windows.size(), 2U);
    ASSERT_TRUE(guests.preemptible);
    EXPECT_EQ(guests.preemptible->after, std::chrono::minutes{10});
    EXPECT_EQ(guests.preemptible->attempts, 3);
    EXPECT_FALSE(guests.max_reservation);
    EXPECT_TRUE(rules.any_preemptible());
    EXPECT_TRUE(rules.rules[2].each);
    EXPECT_EQ(rules.rules[2].max_reservation, std::chrono::hours{4});
}

TEST(SharingRules, TheFirstThatNamesSomebodyHolds) {
    const auto rules = parse_sharing_rules(R"(
rules:
- {name: owners, groups: [staff]}
- {name: bot, users: [kernelci], max_running: 3}
- {name: others, users: ["*"], max_running: 1}
)",
                                           "sharing.yaml");
    const auto name = [&](const std::string& user, std::vector<std::string> groups = {}) {
        const auto* rule = rules.rule_for(user, groups);
        return rule ? rule->name : "none";
    };
    EXPECT_EQ(name("alice", {"kernel", "staff"}), "owners");
    EXPECT_EQ(name("kernelci", {"staff"}), "owners");
    EXPECT_EQ(name("kernelci"), "bot");
    EXPECT_EQ(name("bob"), "others");
    EXPECT_EQ(SharingRules{}.rule_for("bob", {}), nullptr);
    EXPECT_FALSE(rules.any_preemptible());
}

TEST(SharingRules, WhatIsSaidOfATypeAndOfADeviceWins) {
    const auto rules = parse_sharing_rules(R"(
timezone: Europe/Berlin
rules:
- name: guests
  users: [kernelci]
  max_share: 50%
  keep_free: 1
  windows: ["19:00-07:00"]
  device_types:
    rock: {max_share: 25%, max_running: 2}
    old: {windows: ["Mon-Sun"], keep_free: 0}
  devices:
    rock-03: {windows: []}
)",
                                           "sharing.yaml");
    const auto& guests = rules.rules[0];
    EXPECT_EQ(guests.limits_on("rock").max_share, 25);
    EXPECT_EQ(guests.limits_on("rock").max_running, 2);
    EXPECT_EQ(guests.limits_on("rock").keep_free, 1);
    EXPECT_EQ(guests.limits_on("qemu").max_share, 50);
    EXPECT_EQ(guests.limits_on("qemu").max_running, std::nullopt);
    EXPECT_EQ(guests.limits_on("old").keep_free, 0);
    EXPECT_EQ(guests.hours_on("rock", "rock-01")->windows[0].from, std::chrono::hours{19});
    EXPECT_TRUE(guests.hours_on("rock", "rock-03")->windows.empty());
    EXPECT_EQ(guests.hours_on("old", "old-01")->windows[0], Window{});
}

TEST(SharingRules, EveryMistakeIsReportedWithItsLine) {
    EXPECT_EQ(
        problems(R"(timezone: Europe/Atlantis
rules:
- name: guests
  users: [kernelci]
  max_priority: 140
  max_share: 50
  max_job_time: 2 hours
  queue_timeout: 0
  windows: ["19:00-07:00", 7]
  keep_fre: 1
- users: ["*"]
  preemptible: {}
  device_types: {7: {}, rock: {windows: 19:00-07:00, max_share: 0%}}
  devices: {rock-01: {}}
- name: guests
  each: maybe
)"),
        R"(sharing.yaml:1:11: timezone: 'Europe/Atlantis' is no zone of this machine; see `timedatectl list-timezones`
sharing.yaml:5:17: rules[0].max_priority: must be from 0 to 100
sharing.yaml:6:14: rules[0].max_share: text was expected, this is a whole number: 50
sharing.yaml:7:17: rules[0].max_job_time: a duration: seconds, or text like "90s", "5m", "2h", "1d" was expected, this is text: '2 hours'
sharing.yaml:8:18: rules[0].queue_timeout: must be at least a second
sharing.yaml:9:28: rules[0].windows: 7 is no window; write "19:00-07:00", "Sat,Sun" or "Mon-Fri 19:00-07:00"
sharing.yaml:10:3: rules[0]: unknown key 'keep_fre' (did you mean 'keep_free'?)
sharing.yaml:11:3: rules[1]: the key 'name' is missing; it takes text
sharing.yaml:12:16: rules[1].preemptible: the key 'after' is missing; it takes a duration: seconds, or text like "90s", "5m", "2h", "1d"
sharing.yaml:13:21: rules[1].device_types: 7 is no name; quote it
sharing.yaml:13:41: rules[1].device_types.rock.windows: must be a list of at most 50 texts like "Mon-Fri 19:00-07:00"
sharing.yaml:13:65: rules[1].device_types.rock.max_share: must be a share of the devices, from 1% to 100%
sharing.yaml:14:22: rules[1].devices.rock-01.windows: is missing: it is all that can be said of one device
sharing.yaml:15:3: rules[2].users: is missing: name users or groups, or "*" for everybody
sharing.yaml:15:3: rules[2].users: nobody is left for this rule: one before it is for everybody
sharing.yaml:15:9: rules[2].name: another rule is called 'guests', too
sharing.yaml:16:9: rules[2].each: true or false was expected, this is text: 'maybe')");
    EXPECT_EQ(problems("rules: {a: 1}"), "sharing.yaml:1:8: rules: a list of mappings was expected, this is a mapping");
    EXPECT_NE(problems("rules: [").find("sharing.yaml:"), std::string::npos);
    EXPECT_NE(problems(std::string(2 * 1024 * 1024, '#')), "");
    EXPECT_EQ(problems(""), "") << "nothing is limited";
    EXPECT_THROW(read_sharing_rules("/nowhere/sharing.yaml"), ConfigurationError);
}

}  // namespace
}  // namespace patchbay
